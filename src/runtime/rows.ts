/**
 * The keys of all durable rows. `/` ends a part, so that the rows below a part are the range from `part/` to `part0`
 * ("0" follows "/"); names and key values cannot contain a "/", targets are encoded.
 *
 * State rows:  `detector/<epoch>/<keyValue>`  `alarm/<epoch>/<keyValue>` (see `core/engine/instance-key.ts`)
 * `sequence`  `dedupe/<number>`
 * Other rows:  `input/<name>`  `model/<name>`  `version/<name>/<version>`  `alarm-model/<name>`
 * `alarm-version/<name>/<version>`  `topic-rule/<name>`  `action/<order>`  `history/<order>`  `history-bytes`
 * `logging`, `clock` and `meta`.
 *
 * Each `action/<order>` has one place row: `pending/<queue>/<position>` (its value is the order) while it is to be
 * delivered, then `failed/<order>` or `done/<order>` (its value names the index rows). Two index rows find it:
 * `action-id/<actionExecutionId>` (its value is the order) and, when it has a key, `action-of/<keyValue>/<order>`.
 */
export const META = 'meta';

/** The host's time and the wall clock's lead over it; see `HostClock`. */
export const CLOCK = 'clock';

/** The one row with the logging options. */
export const LOGGING = 'logging';

/** The number of the last evaluation. Older versions had one for each slot, `slot/<number>`. */
export const SEQUENCE = 'sequence';

export function dedupeKey(number: number): string {
  return `dedupe/${pad(number, 16)}`;
}

export function inputKey(inputName: string): string {
  return `input/${inputName}`;
}

export function modelKey(detectorModelName: string): string {
  return `model/${detectorModelName}`;
}

export function versionKey(detectorModelName: string, version: string): string {
  return `version/${detectorModelName}/${version.padStart(10, '0')}`;
}

export function alarmModelKey(alarmModelName: string): string {
  return `alarm-model/${alarmModelName}`;
}

export function alarmVersionKey(alarmModelName: string, version: string): string {
  return `alarm-version/${alarmModelName}/${version.padStart(10, '0')}`;
}

export function topicRuleKey(ruleName: string): string {
  return `topic-rule/${ruleName}`;
}

/** Total bytes of all `history/…` rows. */
export const HISTORY_BYTES = 'history-bytes';

/** The accepted messages of one turn; `time` is the turn's, in milliseconds since the epoch. */
export function historyKey(time: number, number: number): string {
  return `history/${executionOrder(Math.max(0, Math.floor(time)), number)}`;
}

/** `order`: see `executionOrder`. */
export function actionKey(order: string): string {
  return `action/${order}`;
}

/** The position of a new execution is its order; a redriven one gets a new position at the end. */
export function pendingKey(queue: string, position: string): string {
  return `${pendingOf(queue)}/${position}`;
}

export function pendingOf(queue: string): string {
  return `pending/${encodeURIComponent(queue)}`;
}

/** The queue and the position of a `pending/…` row. */
export function readPendingKey(key: string): { readonly queue: string; readonly position: string } {
  const [, queue = '', time = '', number = ''] = key.split('/');
  return { queue: decodeURIComponent(queue), position: `${time}/${number}` };
}

export function actionIdKey(actionExecutionId: string): string {
  return `action-id/${actionExecutionId}`;
}

/** Finds the executions of a key, in order. */
export function actionOfKey(keyValue: string, order: string): string {
  return `${actionsOf(keyValue)}/${order}`;
}

export function actionsOf(keyValue: string): string {
  return `action-of/${keyValue}`;
}

export function failedKey(order: string): string {
  return `failed/${order}`;
}

export function doneKey(order: string): string {
  return `done/${order}`;
}

/** Orders executions by their commits: by time, then by number within that millisecond. */
export function executionOrder(time: number, number: number): string {
  return `${pad(time, 15)}/${pad(number, 8)}`;
}

/** The time in an order or a position, milliseconds since the epoch. */
export function timeOf(order: string): number {
  return Number(order.slice(0, order.indexOf('/')));
}

/** All rows below a part. */
export function below(part: string): { from: string; to: string } {
  return under(`${part}/`);
}

/** All rows whose keys begin with a prefix that ends in `/`. */
export function under(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix.slice(0, -1)}0` };
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
