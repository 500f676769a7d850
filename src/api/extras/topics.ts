import { randomUUID } from 'node:crypto';
import { isOpenToPublish, topicProblem } from '../../ingest/mqtt/topics.ts';
import type { Limits } from '../../limits.ts';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import type { Place } from '../auth/access.ts';
import type { FindRoute } from '../front.ts';

/** A message published over HTTP. */
export interface PublishedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** The id that the publisher gets, and that logs and failures give. */
  readonly traceId: string;
}

/** Resolves when the outcome is durable; rejects with Fault. */
export type Publish = (message: PublishedMessage) => Promise<void>;

const PREFIX = '/topics/';

/**
 * `POST /topics/{topic}?qos=` publishes like the data plane of AWS IoT; the body is the payload. Slashes of the topic
 * may be encoded or not. A caller needs `iot:Publish` on the topic.
 */
export function topicRoutes(publish: Publish, limits: Limits, { region, accountId }: Place): FindRoute {
  return (method, path) => {
    if (method !== 'POST' || !path.startsWith(PREFIX)) return undefined;
    return {
      access: '*',
      answer: async (_request, response, query, body, caller) => {
        const topic = decode(path.slice(PREFIX.length));
        caller?.act('iot:Publish', `arn:aws:iot:${region}:${accountId}:topic/${topic}`);
        const problem = topicProblem(topic, limits.mqttTopicBytes);
        if (problem !== undefined) throw invalid(`Nothing can be published to ${topic}: ${problem}`);
        if (!isOpenToPublish(topic)) throw invalid(`Nothing can be published to ${topic}: it is reserved`);
        const payload = await body();
        if (payload.length > limits.mqttPayloadBytes)
          throw invalid(
            `Payload size of ${payload.length} bytes exceeds the limit ${limits.mqttPayloadBytes}`,
          );
        const qos = oneOf(query, 'qos', ['0', '1']) === '1' ? 1 : 0;
        const retain = oneOf(query, 'retain', ['false', 'true']) === 'true';
        if (retain && topic.startsWith('$'))
          throw invalid('A message of a reserved topic cannot be retained');
        const traceId = randomUUID();
        await publish({ topic, payload, qos, retain, traceId });
        sendJson(response, 200, { message: 'OK', traceId });
      },
    };
  };
}

function oneOf(query: URLSearchParams, name: string, allowed: readonly string[]): string | undefined {
  const value = query.get(name) ?? undefined;
  if (value === undefined || allowed.includes(value)) return value;
  throw invalid(`Value '${value.slice(0, 40)}' at '${name}' must be one of ${allowed.join(', ')}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('The topic is not percent-encoded UTF-8');
  }
}
