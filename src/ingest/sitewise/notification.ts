import { isUtf8 } from 'node:buffer';
import { inputOfProperty } from '../../core/alarm/sitewise.ts';
import { isArray, parseJson, renderJson } from '../../core/expression/json.ts';
import { isValue, type Json, typeOf, type Value } from '../../core/expression/value.ts';
import type { IncomingMessage } from '../../runtime/messages.ts';

/** Not a valid property notification; the message says why. */
export class NotificationError extends Error {
  override readonly name = 'NotificationError';
}

/**
 * Converts property notifications as AWS IoT SiteWise publishes them, one or a list, into messages. Throws
 * NotificationError.
 */
export function readNotifications(bytes: Buffer): IncomingMessage[] {
  if (!isUtf8(bytes)) throw new NotificationError('It is not valid UTF-8');
  const parsed = parseJson(bytes.toString('utf8'));
  if (!parsed.ok) throw new NotificationError(`It is not valid JSON: ${parsed.message}`);
  const isList = isArray(parsed.value);
  const notifications = isArray(parsed.value) ? parsed.value : [parsed.value];
  return notifications.flatMap((each, index) => messagesOf(each, isList ? `[${index}].` : ''));
}

/** One message for each value; its id distinguishes a repeated value from a corrected one. */
function messagesOf(notification: Json, at: string): IncomingMessage[] {
  const { type, payload } = object(notification, at.slice(0, -1) || 'the notification');
  if (type !== 'PropertyValueUpdate')
    throw new NotificationError(`Value ${shown(type)} at '${at}type' is not PropertyValueUpdate`);
  const { assetId, propertyId, values } = object(payload, `${at}payload`);
  if (typeof assetId !== 'string' || assetId === '')
    throw new NotificationError(`'${at}payload.assetId' must be a text`);
  if (typeof propertyId !== 'string' || propertyId === '')
    throw new NotificationError(`'${at}payload.propertyId' must be a text`);
  if (values === undefined || !isArray(values))
    throw new NotificationError(`'${at}payload.values' must be a list`);
  return values.map((each, index) => {
    const place = `${at}payload.values[${index}]`;
    const { timestamp, quality = 'GOOD', value } = object(each, place);
    const { timeInSeconds, offsetInNanos = 0 } = object(timestamp, `${place}.timestamp`);
    if (typeOf(timeInSeconds) !== 'Integer' || typeOf(offsetInNanos) !== 'Integer')
      throw new NotificationError(
        `'${place}.timestamp' must have timeInSeconds and may have offsetInNanos, whole numbers`,
      );
    const read = variant(object(value, `${place}.value`), `${place}.value`);
    const propertyValue = { value: read, timestamp: { timeInSeconds, offsetInNanos }, quality } as Json;
    const message: Json = { assetId, propertyId, propertyValue };
    return {
      messageId: `${assetId}/${renderJson(propertyValue)}`,
      inputName: inputOfProperty(propertyId),
      payload: { text: renderJson(message), value: message },
    };
  });
}

const VARIANTS = ['booleanValue', 'doubleValue', 'integerValue', 'stringValue'];

/** The value that is set, whatever its type. */
function variant(value: Readonly<Record<string, Json | undefined>>, place: string): Value {
  const given = VARIANTS.filter((name) => value[name] !== undefined && value[name] !== null);
  const read = given.length === 1 ? value[given[0] as string] : undefined;
  if (isValue(read)) return read;
  throw new NotificationError(`'${place}' must have exactly one of ${VARIANTS.join(', ')}`);
}

function object(json: Json | undefined, place: string): Readonly<Record<string, Json | undefined>> {
  const isObject = typeof json === 'object' && json !== null && !isArray(json) && !isValue(json);
  if (isObject) return json as Readonly<Record<string, Json>>;
  throw new NotificationError(`'${place}' must be an object`);
}

function shown(json: Json | undefined): string {
  return json === undefined ? 'that is missing' : renderJson(json);
}
