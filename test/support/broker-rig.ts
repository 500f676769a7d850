import type { TlsOptions } from 'node:tls';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { Registry } from 'prom-client';
import { Broker } from '../../src/ingest/mqtt/broker.ts';
import { openListener } from '../../src/ingest/mqtt/listener.ts';
import { MqttMetrics } from '../../src/ingest/mqtt/metrics.ts';
import { ANONYMOUS, type Authenticate } from '../../src/ingest/mqtt/principal.ts';
import type { Publication } from '../../src/ingest/rules/publication.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { quietLog } from './quiet.ts';

export interface BrokerRigOptions {
  readonly limits?: Partial<Limits>;
  readonly image?: MemoryImage;
  readonly store?: Store;
  readonly deliver?: (publication: Publication) => Promise<void>;
  readonly authenticate?: Authenticate;
  readonly now?: () => number;
  readonly tls?: TlsOptions;
}

export interface BrokerRig {
  readonly broker: Broker;
  readonly port: number;
  /** The messages passed to the rules, in order. */
  readonly published: Publication[];
  readonly registry: Registry;
  /**
   * An MQTT.js client without automatic reconnect, with what its CONNACK says. `onMessage` also receives messages that
   * arrive right with the connection.
   */
  connect(
    options?: IClientOptions,
    onMessage?: (payload: string, packet: IPublishPacket) => void,
  ): Promise<MqttClient & { readonly sessionPresent: boolean }>;
  /** The events of a client, by kind, in order of publication. */
  events(clientId: string): LifecycleEvent[];
  close(): Promise<void>;
}

export interface LifecycleEvent {
  readonly eventType: string;
  readonly [member: string]: unknown;
}

/** The embedded broker on its own port, with an in-memory store unless another one is given. */
export async function openBrokerRig(options: BrokerRigOptions = {}): Promise<BrokerRig> {
  const published: Publication[] = [];
  const registry = new Registry();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const broker = await Broker.open({
    store: options.store ?? openMemoryStore(options.image ?? emptyImage()),
    limits,
    log: quietLog,
    metrics: new MqttMetrics(registry),
    authenticate: options.authenticate ?? (async () => ANONYMOUS),
    deliver: async (publication) => {
      published.push(publication);
      await options.deliver?.(publication);
    },
    now: options.now ?? Date.now,
    wall: options.now ?? Date.now,
  });
  broker.start();
  const listener = await openListener(
    {
      host: '127.0.0.1',
      port: 0,
      tls: options.tls,
      connections: limits.mqttConnections,
      handshakeTimeout: 5000,
    },
    (transport) => broker.connect(transport),
  );
  const clients: MqttClient[] = [];
  return {
    broker,
    port: listener.port,
    published,
    registry,
    async connect(clientOptions = {}, onMessage) {
      const client = connect(`mqtt://127.0.0.1:${listener.port}`, { reconnectPeriod: 0, ...clientOptions });
      clients.push(client);
      if (onMessage !== undefined)
        client.on('message', (_topic, payload, packet) => onMessage(payload.toString(), packet));
      const sessionPresent = await new Promise<boolean>((resolve, reject) => {
        client.once('connect', (connack) => resolve(connack.sessionPresent));
        client.once('error', reject);
        client.once('close', () => reject(new Error('The connection was closed')));
      });
      client.on('error', () => {});
      return Object.assign(client, { sessionPresent });
    },
    events: (clientId) =>
      published
        .filter(({ topic }) => topic.startsWith('$aws/events/') && topic.endsWith(`/${clientId}`))
        .map(({ payload }) => JSON.parse(payload.toString()) as LifecycleEvent),
    async close() {
      for (const client of clients) client.end(true);
      await broker.close();
      await listener.close();
    },
  };
}
