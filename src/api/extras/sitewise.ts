import { NotificationError, readNotifications } from '../../ingest/sitewise/notification.ts';
import type { Host } from '../../runtime/host.ts';
import type { IncomingMessage } from '../../runtime/messages.ts';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import type { FindRoute } from '../front.ts';

/**
 * `POST /_tripline/sitewise/property-values` takes property notifications as AWS IoT SiteWise publishes them, one or a
 * list, for the alarm models that reference the property:
 *
 *    {"type":"PropertyValueUpdate","payload":{"assetId":…,"propertyId":…,"values":[
 *      {"timestamp":{"timeInSeconds":…,"offsetInNanos":…},"quality":"GOOD","value":{"doubleValue":…}}]}}
 *
 * The answer is sent when the outcome is durable. It counts the values `accepted` and those `ignored` because no alarm
 * model references their property, and lists the others in `errorEntries`.
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
  const messages = read(body);
  const outcomes = messages.length === 0 ? [] : await host.put(messages);
  const errorEntries = outcomes.flatMap((refusal, index) => {
    if (refusal === undefined || refusal.code === 'ResourceNotFoundException') return [];
    const { messageId } = messages[index] as IncomingMessage;
    return [{ messageId, errorCode: refusal.code, errorMessage: refusal.message }];
  });
  const ignored = outcomes.filter((refusal) => refusal?.code === 'ResourceNotFoundException').length;
  return { accepted: messages.length - ignored - errorEntries.length, ignored, errorEntries };
}

function read(body: Buffer): readonly IncomingMessage[] {
  try {
    return readNotifications(body);
  } catch (error) {
    throw error instanceof NotificationError ? invalid(`The request body: ${error.message}`) : error;
  }
}
