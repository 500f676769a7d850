import type { Limits } from '../../limits.ts';
import type { Change, Store } from '../../store/store.ts';

/** A message in a session's queue. */
export interface Queued {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 1 | 2;
}

interface Numbered extends Queued {
  readonly number: number;
  readonly bytes: number;
}

/** Sends one queued message to the connected client; `isAgain` when it may have been sent before. */
export type Send = (message: Queued, number: number, isAgain: boolean) => void;

export type QueueLimits = Pick<Limits, 'mqttQueuedMessages' | 'mqttQueuedBytes' | 'mqttInFlight'>;

/** Messages read from disk at a time. */
const READ = 50;

/**
 * The messages of one durable session that its client has not acknowledged. They are on disk before their publisher is
 * answered; a bounded number is in flight to the client, and further ones are sent as it acknowledges.
 */
export class SessionQueue {
  readonly #store: Store;
  readonly #limits: QueueLimits;
  readonly #prefix: string;
  #count = 0;
  #bytes = 0;
  /** Number of the next message to be added. */
  #tail = 0;
  /** All messages with lower numbers are durable. */
  #durable = 0;
  /** Number of the next message to send; those in `#ready` come first. */
  #next = 0;
  #ready: Numbered[] = [];
  /** Sizes of the messages in flight to the client, by number. */
  readonly #underWay = new Map<number, number>();
  #sent = -1;
  #send: Send | undefined;
  #reading = false;
  readonly #onError: (error: unknown) => void;

  /** `onError` is called when the queue cannot be read. */
  constructor(store: Store, clientId: string, limits: QueueLimits, onError: (error: unknown) => void) {
    this.#store = store;
    this.#limits = limits;
    this.#onError = onError;
    this.#prefix = `${queueOf(clientId)}/`;
  }

  get count(): number {
    return this.#count;
  }

  /** Restores a row at startup. Rows must arrive in order of their numbers. */
  restore(number: number, row: string): void {
    this.#count++;
    this.#bytes += row.length;
    this.#tail = number + 1;
    this.#durable = this.#tail;
  }

  /** The row that adds a message; it must be committed before `queued` is called. Undefined when there is no room. */
  put(message: Queued): { readonly change: Change; readonly queued: () => void } | undefined {
    const { topic, payload, qos } = message;
    const value = JSON.stringify({ topic, qos, payload: payload.toString('base64') });
    if (
      this.#count >= this.#limits.mqttQueuedMessages ||
      this.#bytes + value.length > this.#limits.mqttQueuedBytes
    )
      return undefined;
    const number = this.#tail++;
    this.#count++;
    this.#bytes += value.length;
    const queued = () => {
      this.#durable = number + 1;
      const isNext = this.#next + this.#ready.length === number;
      if (isNext && !this.#reading && this.#ready.length < this.#limits.mqttInFlight)
        this.#ready.push({ ...message, number, bytes: value.length });
      this.#pump();
    };
    return { change: [this.#key(number), value], queued };
  }

  /** A client has taken over the session: sends everything that was not acknowledged, even if it was sent before. */
  attach(send: Send): void {
    this.#send = send;
    this.#underWay.clear();
    this.#ready = [];
    this.#next = 0;
    this.#pump();
  }

  detach(): void {
    this.#send = undefined;
    this.#underWay.clear();
    this.#ready = [];
  }

  /** The client has acknowledged a message. Resolves when that is durable. */
  async acknowledge(number: number): Promise<void> {
    const bytes = this.#underWay.get(number);
    if (bytes === undefined) return;
    this.#underWay.delete(number);
    this.#count--;
    this.#bytes -= bytes;
    const removed = this.#store.commit({ rows: [[this.#key(number), null]] });
    this.#pump();
    await removed;
  }

  /** The rows to delete when the session ends. */
  async rows(): Promise<Change[]> {
    const changes: Change[] = [];
    for await (const [key] of this.#store.scan({ from: this.#prefix, to: this.#end() }))
      changes.push([key, null]);
    return changes;
  }

  #pump(): void {
    while (this.#send !== undefined && this.#underWay.size < this.#limits.mqttInFlight) {
      const message = this.#ready.shift();
      if (message === undefined) {
        if (this.#next < this.#durable && !this.#reading) this.#read().catch(this.#onError);
        return;
      }
      this.#next = message.number + 1;
      this.#underWay.set(message.number, message.bytes);
      this.#send(message, message.number, message.number <= this.#sent);
      this.#sent = Math.max(this.#sent, message.number);
    }
  }

  async #read(): Promise<void> {
    const send = this.#send;
    const upTo = this.#durable;
    const read: Numbered[] = [];
    this.#reading = true;
    try {
      const range = { from: this.#key(this.#next), to: this.#end(), limit: READ };
      for await (const [key, value] of this.#store.scan(range)) {
        const { topic, qos, payload } = JSON.parse(value) as { topic: string; qos: 1 | 2; payload: string };
        const number = Number(key.slice(this.#prefix.length));
        read.push({ topic, qos, payload: Buffer.from(payload, 'base64'), number, bytes: value.length });
      }
    } finally {
      this.#reading = false;
    }
    // Unless another client has taken over the session meanwhile.
    if (send === this.#send) {
      this.#ready = read;
      // Durable messages that are missing on disk have been acknowledged.
      if (read.length === 0) this.#next = Math.max(this.#next, upTo);
    }
    this.#pump();
  }

  #key(number: number): string {
    return `${this.#prefix}${String(number).padStart(16, '0')}`;
  }

  #end(): string {
    return `${this.#prefix.slice(0, -1)}0`;
  }
}

/** The key prefix of a session's queue. */
function queueOf(clientId: string): string {
  return `mqtt/queue/${encodeURIComponent(clientId)}`;
}
