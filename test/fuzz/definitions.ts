import { compileAlarmModel } from '../../src/core/alarm/compile.ts';
import { advise, analyse } from '../../src/core/model/analysis/index.ts';
import { compileModel } from '../../src/core/model/compile.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { generateModel } from '../sim/models.ts';
import type { Random } from '../sim/random.ts';
import { mutate, type Target } from './target.ts';

const PIECES = [
  '$input.I.v',
  '$variable.x',
  'timeout("t0")',
  '(',
  ')',
  "'",
  '"',
  '${',
  '}',
  '&&',
  '1',
  '.',
  'S0',
  'null',
];
const context = {
  limits: DEFAULT_LIMITS,
  hasInput: () => true,
  routesOf: () => 0,
  attributesOf: () => ['k', 'v'],
};

/** Definitions that match the API's table, with arbitrary texts in them. */
export const definitions: Target = {
  name: 'definitions',
  run(random) {
    const { detectorModelDefinition: whole } = generateModel(random, 'M', 'I', 'J');
    const detectorModelDefinition = spoil(random, whole) as typeof whole;
    compileModel({ detectorModelName: 'M', detectorModelVersion: '1', key: 'k', detectorModelDefinition });
    analyse(detectorModelDefinition, context);
    advise(detectorModelDefinition, context);
    const alarm = spoil(random, {
      alarmRule: {
        simpleRule: { inputProperty: '$input.I.v', comparisonOperator: 'GREATER', threshold: '5' },
      },
      alarmEventActions: {
        alarmActions: [
          { sns: { targetArn: 't', payload: { contentExpression: "'${$input.I.k}'", type: 'STRING' } } },
        ],
      },
      alarmNotification: {
        notificationActions: [
          {
            action: { lambdaAction: { functionArn: 'f' } },
            emailConfigurations: [
              {
                from: 'a@b',
                content: { subject: "'x'" },
                recipients: { to: [{ ssoIdentity: { identityStoreId: 'd' } }] },
              },
            ],
          },
        ],
      },
    });
    compileAlarmModel({ alarmModelName: 'A', alarmModelVersion: '1', ...(alarm as object) } as never);
  },
};

/** Changes some texts, and removes some list elements. */
function spoil(random: Random, value: unknown): unknown {
  if (typeof value === 'string' && value !== 'STRING' && value !== 'JSON' && value !== 'GREATER')
    return random.chance(0.1) ? mutate(random, value, PIECES) : value;
  if (Array.isArray(value))
    return value.filter(() => !random.chance(0.05)).map((each) => spoil(random, each));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, spoil(random, each)]));
  return value;
}
