import { createAlarmModel } from '../../src/api/handlers/alarm-models.ts';
import { createDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Host } from '../../src/runtime/host.ts';
import { ALARM, type SentMessage } from './ledger.ts';
import { type GeneratedModel, generateModel } from './models.ts';
import type { Random } from './random.ts';

/** Keys of the messages: a client for each. */
export const KEYS = ['a', 'b', 'c'];
const FIRST = 'I';
const SECOND = 'J';

/** The detector models of a life: the first one sends to the input of the last one. */
export function generateModels(random: Random): GeneratedModel[] {
  return [
    generateModel(random, 'First', FIRST, SECOND),
    ...(random.chance(0.5) ? [generateModel(random, 'Other', FIRST, undefined)] : []),
    generateModel(random, 'Second', SECOND, undefined),
  ];
}

/** The `n`th message of a key. */
export function generateMessage(random: Random, key: string, n: number): SentMessage {
  const inputName = random.chance(0.85) ? FIRST : SECOND;
  const text = JSON.stringify({ k: key, v: random.int(0, 9), s: n });
  return { messageId: `${key}-${n}`, inputName, key, text };
}

/** Makes inputs, detector models and an alarm model. */
export async function define(host: Host, models: readonly GeneratedModel[]): Promise<void> {
  const service = { host, limits: DEFAULT_LIMITS, region: 'us-east-1', accountId: '000000000000' };
  for (const inputName of [FIRST, SECOND])
    await createInput(service, { inputName, inputDefinition: { attributes: [{ jsonPath: 'k' }] } });
  for (const { inputName: _, ...model } of models) await createDetectorModel(service, model);
  await createAlarmModel(service, {
    alarmModelName: ALARM.name,
    key: 'k',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    alarmRule: {
      simpleRule: {
        inputProperty: `$input.${FIRST}.v`,
        comparisonOperator: 'GREATER',
        threshold: String(ALARM.threshold),
      },
    },
    alarmCapabilities: { initializationConfiguration: { disabledOnInitialization: false } },
    alarmEventActions: {
      alarmActions: [
        {
          sns: {
            targetArn: ALARM.target,
            payload: {
              contentExpression: `'\${$input.${FIRST}.k} \${$input.${FIRST}.s} alarm'`,
              type: 'STRING',
            },
          },
        },
      ],
    },
  });
}
