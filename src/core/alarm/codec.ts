import type { Payload, Timer } from '../detector/types.ts';
import { parseJson, renderJson } from '../expression/json.ts';
import type { Json, Value } from '../expression/value.ts';
import { ALARM_STATES, type Alarm, type AlarmStateName, type CustomerAction } from './types.ts';

/**
 * Encodes an alarm as JSON, independently of the version of its model.
 *
 *     {"state":…,"rule":[inputProperty,operator,threshold],"customerAction":{…},"snoozeTimeout":true,
 *      "timers":[[name,expiresAt,duration]],"inputs":{…},"createdBy":…,"creationTime":…,"lastUpdateTime":…}
 */
export function encodeAlarm(alarm: Alarm): string {
  const { state, ruleEvaluation: rule, customerAction, snoozeTimeout, timers, inputs } = alarm;
  let text = `{"state":"${state}"`;
  if (rule !== undefined) {
    text += `,"rule":[${renderJson(rule.inputProperty)},"${rule.operator}",${renderJson(rule.threshold)}]`;
  }
  if (customerAction !== undefined) text += `,"customerAction":${JSON.stringify(customerAction)}`;
  if (snoozeTimeout) text += ',"snoozeTimeout":true';
  const encodedTimers = timers.map(({ name, expiresAt, duration }) => [name, expiresAt, duration]);
  if (timers.length > 0) text += `,"timers":${JSON.stringify(encodedTimers)}`;
  const encodedInputs = Array.from(inputs, ([name, payload]) => `${JSON.stringify(name)}:${payload.text}`);
  text += `,"inputs":{${encodedInputs.join(',')}},"createdBy":${alarm.createdBy}`;
  text += `,"creationTime":${alarm.creationTime},"lastUpdateTime":${alarm.lastUpdateTime}`;
  return alarm.keyValue === undefined ? `${text}}` : `${text},"keyValue":${JSON.stringify(alarm.keyValue)}}`;
}

export type DecodeAlarmResult =
  | { readonly ok: true; readonly alarm: Alarm }
  | { readonly ok: false; readonly message: string };

/** Decodes the output of `encodeAlarm`; for any other text returns what is wrong with it. */
export function decodeAlarm(text: string): DecodeAlarmResult {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const row = parsed.value as unknown as Encoded;
  if (!ALARM_STATES.includes(row.state))
    return { ok: false, message: `${row.state} is not a state of an alarm` };
  const { state, rule, customerAction, snoozeTimeout = false, timers = [] } = row;
  const { keyValue, createdBy, creationTime, lastUpdateTime } = row;
  return {
    ok: true,
    alarm: {
      keyValue,
      state,
      ruleEvaluation: rule && { inputProperty: rule[0], operator: rule[1], threshold: rule[2] },
      customerAction,
      snoozeTimeout,
      timers: timers.map(([name, expiresAt, duration]): Timer => {
        return { name, place: -1, expiresAt, duration, status: 'RUNNING' };
      }),
      inputs: new Map(Object.entries(row.inputs).map(([name, value]) => [name, payloadOf(value)])),
      createdBy,
      creationTime,
      lastUpdateTime,
    },
  };
}

interface Encoded {
  readonly state: AlarmStateName;
  readonly rule?: readonly [Value, string, Value];
  readonly customerAction?: CustomerAction;
  readonly snoozeTimeout?: boolean;
  readonly timers?: readonly (readonly [string, number, number])[];
  readonly inputs: Readonly<Record<string, Json>>;
  readonly keyValue: string | undefined;
  readonly createdBy: number;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

function payloadOf(value: Json): Payload {
  return { text: renderJson(value), value };
}
