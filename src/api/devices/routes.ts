import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectedClient, Departure } from '../../ingest/mqtt/clients.ts';
import type { BrokerFigures } from '../../ingest/mqtt/metrics.ts';
import { filterProblem } from '../../ingest/mqtt/topics.ts';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import { EventStream } from '../events/event-stream.ts';
import type { FindRoute } from '../front.ts';
import type { TopicTail } from './topic-tail.ts';

/** MQTT as these routes see it. */
export interface MqttView {
  readonly status: string;
  /** Absent with an external broker. */
  readonly clients:
    | (() => {
        readonly clients: readonly ConnectedClient[];
        readonly departures: readonly Departure[];
        readonly figures: BrokerFigures;
      })
    | undefined;
}

export interface DeviceSources {
  readonly tail: TopicTail;
  /** Undefined without a broker; throws ServiceError while there is no runtime. */
  readonly mqtt: () => MqttView | undefined;
}

/** Messages sent to one reader in a second. */
const RATE = 50;
/** Maximum number of clients listed. */
const MOST_CLIENTS = 10_000;

/**
 * - `GET /_tripline/devices`: connected and recently disconnected clients of the embedded MQTT broker;
 * - `GET /_tripline/topics?filter=plant/%23`: messages as they are published, as server-sent events: `message` with a
 *   TopicMessage, `sampled` with `{"skipped": n}`.
 */
export function deviceRoutes({ tail, mqtt }: DeviceSources): FindRoute {
  return (method, path) => {
    if (method !== 'GET') return undefined;
    if (path === '/_tripline/devices')
      return {
        access: 'tripline:ListDevices',
        answer: async (_request, response) => sendJson(response, 200, devices(mqtt())),
      };
    if (path === '/_tripline/topics')
      return {
        access: 'tripline:WatchTopics',
        answer: async (_request: IncomingMessage, response, query) =>
          stream(tail, response, query.get('filter') ?? '#'),
      };
    return undefined;
  };
}

function devices(mqtt: MqttView | undefined) {
  if (mqtt === undefined) return { broker: 'none' };
  if (mqtt.clients === undefined) return { broker: 'external', status: mqtt.status };
  const { clients, departures, figures } = mqtt.clients();
  return {
    broker: 'embedded',
    status: mqtt.status,
    figures,
    count: clients.length,
    clients: clients.slice(0, MOST_CLIENTS),
    departures,
  };
}

function stream(tail: TopicTail, response: ServerResponse, filter: string): void {
  const problem = filterProblem(filter);
  if (problem !== undefined) throw invalid(`Value '${filter}' at 'filter' is not a topic filter: ${problem}`);
  const events = new EventStream(response, RATE);
  const reader = {
    filter,
    takes: () => events.takes,
    send: (json: string) => events.send('message', json),
    skipped: () => events.skip(1),
  };
  events.onClose(tail.subscribe(reader, () => events.end()));
}
