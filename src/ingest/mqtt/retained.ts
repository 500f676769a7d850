import type { Limits } from '../../limits.ts';
import type { Row, Store } from '../../store/store.ts';
import { matches } from './topics.ts';

export interface Retained {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
}

type RetainedLimits = Pick<Limits, 'mqttRetainedMessages' | 'mqttRetainedBytes'>;

const PREFIX = 'mqtt/retained/';
const RANGE = { from: PREFIX, to: 'mqtt/retained0' };

/** The last retained message of each topic: messages on disk, topics and sizes in memory. */
export class RetainedMessages {
  readonly #store: Store;
  readonly #limits: RetainedLimits;
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  private constructor(store: Store, limits: RetainedLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  static async open(store: Store, limits: RetainedLimits): Promise<RetainedMessages> {
    const retained = new RetainedMessages(store, limits);
    for await (const [key, value] of store.scan(RANGE))
      retained.#note(key.slice(PREFIX.length), value.length);
    return retained;
  }

  get count(): number {
    return this.#sizes.size;
  }

  /**
   * Replaces the topic's retained message; an empty payload only removes it. Resolves once durable, with false when
   * there is no room and nothing has changed.
   */
  async put({ topic, payload, qos }: Retained): Promise<boolean> {
    const value = payload.length === 0 ? null : JSON.stringify({ qos, payload: payload.toString('base64') });
    const former = this.#sizes.get(topic);
    if (value === null) {
      if (former === undefined) return true;
    } else if (
      (former === undefined && this.#sizes.size >= this.#limits.mqttRetainedMessages) ||
      this.#bytes - (former ?? 0) + value.length > this.#limits.mqttRetainedBytes
    ) {
      return false;
    }
    this.#note(topic, value?.length);
    await this.#store.commit({ rows: [[PREFIX + topic, value]] });
    return true;
  }

  /** The retained messages of all topics that match one of the filters. */
  async *matching(filters: readonly string[]): AsyncIterable<Retained> {
    for (const filter of filters) {
      const topics = /[#+]/.test(filter)
        ? [...this.#sizes.keys()].filter((topic) => matches(filter, topic))
        : [filter];
      for (const topic of topics) {
        const row = this.#sizes.has(topic) ? await this.#store.get(PREFIX + topic) : undefined;
        if (row !== undefined) yield read([topic, row]);
      }
    }
  }

  #note(topic: string, size: number | undefined): void {
    this.#bytes -= this.#sizes.get(topic) ?? 0;
    if (size === undefined) {
      this.#sizes.delete(topic);
      return;
    }
    this.#sizes.set(topic, size);
    this.#bytes += size;
  }
}

function read([topic, value]: Row): Retained {
  const { qos, payload } = JSON.parse(value) as { qos: 0 | 1 | 2; payload: string };
  return { topic, qos, payload: Buffer.from(payload, 'base64') };
}
