import { CUSTOMER_ACTIONS, type CustomerAction, type CustomerActionName } from '../../core/alarm/types.ts';
import type { Payload } from '../../core/detector/types.ts';
import { renderJson } from '../../core/expression/json.ts';
import { isValue, type Json, renderText, WholeDecimal } from '../../core/expression/value.ts';
import { parseJsonPath, readPath } from '../../core/model/json-path.ts';
import { isObject, type JsonObject, payloadOf } from '../payload.ts';
import { parseMilliseconds, parseTime } from '../times.ts';

/** One element of a message file: a message for an input, or an operator's action on an alarm. */
export type Element = MessageElement | OperatorElement;

export interface MessageElement {
  readonly kind: 'message';
  /** In milliseconds since the epoch; undefined if absent. */
  readonly time: number | undefined;
  /** Undefined if absent. */
  readonly inputName: string | undefined;
  readonly messageId: string | undefined;
  /** A string is JSON that has not been parsed yet. */
  readonly payload: Payload | string;
  /** Whether an iotEvents action sent the message, according to a server's message history. */
  readonly isCaused: boolean;
}

export interface OperatorElement {
  readonly kind: 'operator';
  readonly time: number | undefined;
  readonly alarmModelName: string | undefined;
  readonly keyValue: string | undefined;
  readonly action: CustomerAction;
}

export type ElementResult =
  | { readonly ok: true; readonly element: Element }
  | { readonly ok: false; readonly message: string };

/** Reads one element of a message file. `timePath` is the path of the time in payloads without an envelope. */
export function readElement(value: Json, timePath: string | undefined): ElementResult {
  if (!isObject(value)) return wrong('It is not a JSON object');
  if (value.inputName !== undefined || value.payload !== undefined) return readMessage(value);
  // A payload without a message around it may have an attribute of that name, which is no object.
  return isObject(value.alarm) ? readOperator(value, value.alarm) : readBare(value, timePath);
}

function readBare(payload: JsonObject, timePath: string | undefined): ElementResult {
  const found = timePath === undefined ? undefined : readPath(payload, parseJsonPath(timePath));
  const time = readTime(found);
  if (time === 'wrong') return wrong(`${timePath} is not a time: ${show(found ?? null)}`);
  return message(time, undefined, undefined, payloadOf(payload), false);
}

function readMessage(value: JsonObject): ElementResult {
  const { inputName, messageId, payload, source } = value;
  if (inputName !== undefined && typeof inputName !== 'string') return wrong('inputName is not a string');
  if (messageId !== undefined && typeof messageId !== 'string') return wrong('messageId is not a string');
  if (payload === undefined) return wrong('It has no payload');
  const time = value.time === undefined ? readTimestamp(value.timestamp) : readTime(value.time);
  if (time === 'wrong') return wrong(`time is not a time: ${show(value.time ?? null)}`);
  const isCaused = source === 'iotEvents';
  const read =
    typeof payload === 'string' ? payload : isObject(payload) ? payloadOf(payload) : renderJson(payload);
  return message(time, inputName, messageId, read, isCaused);
}

/** The timestamp of a BatchPutMessage request: always milliseconds, as its name says. */
function readTimestamp(timestamp: Json | undefined): number | undefined | 'wrong' {
  const time = isObject(timestamp) ? timestamp.timeInMillis : undefined;
  if (time === undefined || time === null) return undefined;
  return typeof time === 'number' ? (parseMilliseconds(time) ?? 'wrong') : readTime(time);
}

function readOperator(value: JsonObject, alarm: JsonObject): ElementResult {
  const { action, alarmModelName, keyValue, snoozeDuration, note } = alarm;
  const read = readAction(action, snoozeDuration, note);
  if (typeof read === 'string') return wrong(read);
  if (alarmModelName !== undefined && typeof alarmModelName !== 'string')
    return wrong('alarm.alarmModelName is not a string');
  const time = readTime(value.time);
  if (time === 'wrong') return wrong(`time is not a time: ${show(value.time ?? null)}`);
  const key = isValue(keyValue) ? renderText(keyValue) : undefined;
  return { ok: true, element: { kind: 'operator', time, alarmModelName, keyValue: key, action: read } };
}

/** Returns the operator's action, or what is wrong with it. */
export function readAction(
  name: Json | undefined,
  snoozeDuration: Json | undefined,
  note: Json | undefined,
): CustomerAction | string {
  const actionName = typeof name === 'string' ? name.toUpperCase() : '';
  if (!isActionName(actionName)) {
    const known = CUSTOMER_ACTIONS.map((each) => each.toLowerCase()).join(', ');
    return `action is one of ${known}, not ${show(name ?? null)}`;
  }
  if (note !== undefined && typeof note !== 'string') return 'note is not a string';
  if (actionName !== 'SNOOZE') return note === undefined ? { actionName } : { actionName, note };
  if (typeof snoozeDuration !== 'number' || !Number.isInteger(snoozeDuration) || snoozeDuration < 1)
    return 'snooze needs its duration: a number of seconds, at least 1';
  return note === undefined ? { actionName, snoozeDuration } : { actionName, snoozeDuration, note };
}

function isActionName(name: string): name is CustomerActionName {
  return CUSTOMER_ACTIONS.some((each) => each === name);
}

function readTime(time: Json | undefined): number | undefined | 'wrong' {
  if (time === undefined || time === null) return undefined;
  const plain = time instanceof WholeDecimal ? time.value : time;
  if (typeof plain !== 'string' && typeof plain !== 'number') return 'wrong';
  return parseTime(plain) ?? 'wrong';
}

function show(value: Json): string {
  const text = renderJson(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** One literal without spreads, because this runs for every message. */
function message(
  time: number | undefined,
  inputName: string | undefined,
  messageId: string | undefined,
  payload: Payload | string,
  isCaused: boolean,
): ElementResult {
  return { ok: true, element: { kind: 'message', time, inputName, messageId, payload, isCaused } };
}

function wrong(text: string): ElementResult {
  return { ok: false, message: text };
}
