/**
 * The keys of everything durable. `/` ends a part, so that the rows below a part are the range from `part/` to
 * `part0` ("0" follows "/"); names and key values cannot hold a "/".
 *
 * State rows:  `detector/<epoch>/<keyValue>`  `slot/<number>`  `dedupe/<number>`
 * Other rows:  `input/<name>`  `model/<name>`  `version/<name>/<version>`  `action/<time>/<n>`  `pending/<time>/<n>`
 * and `meta`.
 */
export const META = 'meta';

export function detectorKey(epoch: number, keyValue: string | undefined): string {
  return `detector/${pad(epoch, 10)}/${keyValue ?? ''}`;
}

export function detectorsOf(epoch: number): { from: string; to: string } {
  return below(`detector/${pad(epoch, 10)}`);
}

/** The one row with the logging options. */
export const LOGGING = 'logging';

export function slotKey(slot: number): string {
  return `slot/${slot}`;
}

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

/** `id` is what orders executions: see `executionOrder`. */
export function actionKey(order: string): string {
  return `action/${order}`;
}

export function pendingKey(order: string): string {
  return `pending/${order}`;
}

/** Executions in the order of their commits: by time, then by number within that millisecond. */
export function executionOrder(time: number, number: number): string {
  return `${pad(time, 15)}/${pad(number, 8)}`;
}

/** All rows below a part. */
export function below(part: string): { from: string; to: string } {
  return { from: `${part}/`, to: `${part}0` };
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
