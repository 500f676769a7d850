import type { Limits } from '../../limits.ts';
import { parse } from '../expression/index.ts';
import { utf8Length } from '../expression/utf8.ts';
import { EXTERNAL_ACTION_TYPES } from '../model/action-fields.ts';
import { lacksRangeKeyValue, ofAttribute } from '../model/analysis/expression-syntax.ts';
import { isString, notAString, ONLY_JSON } from '../model/analysis/json-payload.ts';
import type { CompileProblem } from '../model/compile-expressions.ts';
import type { Payload } from '../model/definition.ts';
import type { AlarmModelDefinition } from './definition.ts';

/**
 * What the actions of a new alarm model must not have, although they compile: the same as in a detector model, where the
 * analysis finds it (reference: actions 2, 6, 7 and 14). Not checked when stored models are loaded.
 */
export function actionProblems(
  { alarmEventActions, alarmNotification }: AlarmModelDefinition,
  limits: Limits,
): CompileProblem[] {
  const actions = (alarmEventActions?.alarmActions ?? []).flatMap((action, index) => {
    const path = `alarmEventActions.alarmActions[${index}]`;
    const inPayloads = EXTERNAL_ACTION_TYPES.flatMap((type) => {
      const parameters = action[type];
      if (parameters === undefined || !('payload' in parameters)) return [];
      return problemsOf(parameters.payload, path, type === 'dynamoDBv2', limits);
    });
    const message = ofAttribute('rangeKeyValue');
    return lacksRangeKeyValue(action.dynamoDB) ? [{ path, message }, ...inPayloads] : inPayloads;
  });
  const notifications = (alarmNotification?.notificationActions ?? []).flatMap(({ action }, index) => {
    const path = `alarmNotification.notificationActions[${index}].action.lambdaAction`;
    return problemsOf(action.lambdaAction?.payload, path, false, limits);
  });
  return [...actions, ...notifications];
}

function problemsOf(
  payload: Payload | undefined,
  path: string,
  onlyJson: boolean,
  limits: Limits,
): CompileProblem[] {
  if (payload === undefined) return [];
  const { type, contentExpression: text } = payload;
  if (utf8Length(text) > limits.payloadBytes) {
    const message = `Content Expression allowed in payload exceeded the limit ${limits.payloadBytes} bytes.`;
    return [{ path, message }];
  }
  if (type === 'STRING') return onlyJson ? [{ path, message: ONLY_JSON }] : [];
  const parsed = parse(text, limits);
  return parsed.ok && !isString(parsed.node) ? [{ path, message: notAString(text) }] : [];
}
