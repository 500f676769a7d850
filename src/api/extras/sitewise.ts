import { isUtf8 } from 'node:buffer';
import { inputOfProperty } from '../../core/alarm/sitewise.ts';
import { isArray, parseJson, renderJson } from '../../core/expression/json.ts';
import { isValue, type Json, typeOf, type Value } from '../../core/expression/value.ts';
import type { Host } from '../../runtime/host.ts';
import type { IncomingMessage } from '../../runtime/messages.ts';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import type { FindRoute } from '../front.ts';

/**
 * `POST /_tripline/sitewise/property-values` takes property notifications as AWS IoT SiteWise publishes them, one or a
 * list, for the alarm models that refer to the property:
 *
 *     {"type":"PropertyValueUpdate","payload":{"assetId":…,"propertyId":…,"values":[
 *       {"timestamp":{"timeInSeconds":…,"offsetInNanos":…},"quality":"GOOD","value":{"doubleValue":…}}]}}
 *
 * The answer, when the outcome is durable, counts the values `accepted` and those that are `ignored` because no alarm
 * model refers to their property, and lists the others in `errorEntries`.
 */
export function sitewiseRoutes(host: () => Host): FindRoute {
  return (method, path) => {
    if (method !== 'POST' || path !== '/_tripline/sitewise/property-values') return undefined;
    return {
      access: 'tripline:PutSitewisePropertyValues',
      answer: async (_request, response, _query, body) => {
        sendJson(response, 200, await put(host(), await body()));
      },
    };
  };
}

async function put(host: Host, body: Buffer) {
  if (!isUtf8(body)) throw invalid('The request body is not valid UTF-8');
  const parsed = parseJson(body.toString('utf8'));
  if (!parsed.ok) throw invalid(`The request body is not valid JSON: ${parsed.message}`);
  const notifications = isArray(parsed.value) ? parsed.value : [parsed.value];
  const messages = notifications.flatMap((each, index) =>
    messagesOf(each, isArray(parsed.value) ? `[${index}].` : ''),
  );
  const outcomes = messages.length === 0 ? [] : await host.put(messages);
  const errorEntries = outcomes.flatMap((refusal, index) => {
    if (refusal === undefined || refusal.code === 'ResourceNotFoundException') return [];
    const { messageId } = messages[index] as IncomingMessage;
    return [{ messageId, errorCode: refusal.code, errorMessage: refusal.message }];
  });
  const ignored = outcomes.filter((refusal) => refusal?.code === 'ResourceNotFoundException').length;
  return { accepted: messages.length - ignored - errorEntries.length, ignored, errorEntries };
}

/** A message for each value; its id tells a value that is delivered again from a corrected one. */
function messagesOf(notification: Json, at: string): IncomingMessage[] {
  const { type, payload } = object(notification, at.slice(0, -1) || 'the request body');
  if (type !== 'PropertyValueUpdate')
    throw invalid(`Value ${shown(type)} at '${at}type' is not PropertyValueUpdate`);
  const { assetId, propertyId, values } = object(payload, `${at}payload`);
  if (typeof assetId !== 'string' || assetId === '') throw invalid(`'${at}payload.assetId' must be a text`);
  if (typeof propertyId !== 'string' || propertyId === '')
    throw invalid(`'${at}payload.propertyId' must be a text`);
  if (values === undefined || !isArray(values)) throw invalid(`'${at}payload.values' must be a list`);
  return values.map((each, index) => {
    const place = `${at}payload.values[${index}]`;
    const { timestamp, quality = 'GOOD', value } = object(each, place);
    const { timeInSeconds, offsetInNanos = 0 } = object(timestamp, `${place}.timestamp`);
    if (typeOf(timeInSeconds) !== 'Integer' || typeOf(offsetInNanos) !== 'Integer')
      throw invalid(`'${place}.timestamp' must have timeInSeconds and may have offsetInNanos, whole numbers`);
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

/** The one value that is given, whichever its type. */
function variant(value: Readonly<Record<string, Json | undefined>>, place: string): Value {
  const given = VARIANTS.filter((name) => value[name] !== undefined && value[name] !== null);
  const read = given.length === 1 ? value[given[0] as string] : undefined;
  if (isValue(read)) return read;
  throw invalid(`'${place}' must have exactly one of ${VARIANTS.join(', ')}`);
}

function object(json: Json | undefined, place: string): Readonly<Record<string, Json | undefined>> {
  const isObject = typeof json === 'object' && json !== null && !isArray(json) && !isValue(json);
  if (isObject) return json as Readonly<Record<string, Json>>;
  throw invalid(`'${place}' must be an object`);
}

function shown(json: Json | undefined): string {
  return json === undefined ? 'that is missing' : renderJson(json);
}
