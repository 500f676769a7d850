import { Counter, Gauge, type Registry } from 'prom-client';
import { Tally } from '../../runtime/tally.ts';

export type DropReason = 'slow_subscriber' | 'session_queue_full' | 'retained_full';
export type RefusalReason = 'limit' | 'client_id' | 'credentials' | 'permission' | 'sessions';

/** Gauges of the running broker. */
export interface BrokerFigures {
  readonly connections: number;
  readonly sessions: number;
  readonly queuedMessages: number;
  readonly retainedMessages: number;
  readonly backlogBytes: number;
}

/** Metrics of the embedded broker; one instance for the process, across reopened brokers. */
export class MqttMetrics {
  readonly #received: Tally;
  readonly #dropped: Counter;
  readonly #refused: Counter;
  readonly #disconnects: Counter;
  readonly #ignored: Counter;
  #figures: (() => BrokerFigures) | undefined;
  #remote: (() => { readonly isConnected: boolean }) | undefined;

  constructor(registry: Registry) {
    const counter = (name: string, help: string, label: string) =>
      new Counter({ name, help, labelNames: [label], registers: [registry] });
    const received = 'tripline_mqtt_messages_received_total';
    this.#received = new Tally(registry, received, 'Messages published by clients', ['qos']);
    this.#dropped = counter(
      'tripline_mqtt_messages_dropped_total',
      'Messages a subscriber did not get',
      'reason',
    );
    this.#refused = counter('tripline_mqtt_connections_refused_total', 'Connections refused', 'reason');
    this.#disconnects = counter('tripline_mqtt_disconnects_total', 'Connections ended', 'reason');
    this.#ignored = new Counter({
      name: 'tripline_mqtt_retained_ignored_total',
      help: 'Retained messages that the external broker sent again after a subscription',
      registers: [registry],
    });
    const remote = () => Number(this.#remote?.().isConnected === true);
    new Gauge({
      name: 'tripline_mqtt_external_connected',
      help: '1 while the external broker (--mqtt-url) is connected',
      registers: [registry],
      collect() {
        this.set(remote());
      },
    });
    const gauge = (name: string, help: string, read: (figures: BrokerFigures) => number) => {
      const figures = () => this.#figures?.();
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          const present = figures();
          this.set(present === undefined ? 0 : read(present));
        },
      });
    };
    gauge('tripline_mqtt_connections', 'Clients connected to the broker', (of) => of.connections);
    gauge('tripline_mqtt_sessions', 'Durable sessions', (of) => of.sessions);
    gauge('tripline_mqtt_queued_messages', 'Messages queued for durable sessions', (of) => of.queuedMessages);
    gauge('tripline_mqtt_retained_messages', 'Retained messages', (of) => of.retainedMessages);
    gauge('tripline_mqtt_backlog_bytes', 'Bytes waiting for slow subscribers', (of) => of.backlogBytes);
  }

  /** Sets the source of the gauges. */
  observe(figures: () => BrokerFigures): void {
    this.#figures = figures;
  }

  /** Sets the source of the external broker's status. */
  observeRemote(status: () => { readonly isConnected: boolean }): void {
    this.#remote = status;
  }

  ignoredRetained(): void {
    this.#ignored.inc();
  }

  received(qos: number): void {
    this.#received.add(String(qos));
  }

  dropped(reason: DropReason): void {
    this.#dropped.inc({ reason });
  }

  refused(reason: RefusalReason): void {
    this.#refused.inc({ reason });
  }

  disconnected(reason: string): void {
    this.#disconnects.inc({ reason });
  }
}
