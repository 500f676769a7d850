import type { AedesPublishPacket } from 'aedes';
import { TopicTree } from '../topic-tree.ts';
import type { Backlog } from './backlog.ts';

/** The origin of packets sent to all subscribers, as opposed to those that a session's queue sends to its client. */
export const FAN_OUT = 'fan-out';

export type Listener = (packet: AedesPublishPacket, done: () => void) => void;

/** A message counted in the backlog of a connection. */
interface Taken {
  readonly backlog: Backlog;
  readonly bytes: number;
}

/**
 * Passes each message to the matching subscriptions: the broker library's emitter (`mq`).
 *
 * The emitter included with the library answers when every subscriber has taken the message, so that one slow
 * subscriber stalls every publisher. This one answers at once: each subscriber has its own, bounded backlog.
 */
export class FanOut {
  readonly #listeners = new TopicTree<Listener>({ restIncludesParent: true });
  readonly #sessionsWith: (packet: object) => ReadonlySet<string> | undefined;
  #emitted = 0;
  #answers: ((error?: Error) => void)[] = [];
  #closed = false;
  /** Client ids whose session queue has the current message; undefined outside `emit`. */
  #queued: ReadonlySet<string> | undefined;
  #taken: Taken | undefined;

  /** `sessionsWith` returns the client ids whose session queues already have a message. */
  constructor(sessionsWith: (packet: object) => ReadonlySet<string> | undefined) {
    this.#sessionsWith = sessionsWith;
  }

  on(filter: string, listener: Listener, done?: () => void): this {
    this.#listeners.add(filter, listener);
    if (done !== undefined) setImmediate(done);
    return this;
  }

  removeListener(filter: string, listener: Listener, done?: () => void): this {
    this.#listeners.remove(filter, listener);
    if (done !== undefined) setImmediate(done);
    return this;
  }

  emit(packet: AedesPublishPacket, done: (error?: Error) => void = () => {}): this {
    // While the broker closes, no client is connected that could receive it.
    if (this.#closed) {
      this.#answer(done);
      return this;
    }
    // A client treats a message as a duplicate unless its number is above the last one of the same origin. So numbers
    // follow the order of emission, which differs from the order of arrival when only one of two messages waited for
    // the disk.
    packet.brokerId = FAN_OUT;
    packet.brokerCounter = ++this.#emitted;
    this.#queued = this.#sessionsWith(packet) ?? NONE;
    for (const listener of this.#listeners.match(packet.topic)) this.#call(listener, packet);
    this.#queued = undefined;
    this.#answer(done);
    return this;
  }

  /** Whether anybody is currently subscribed to the topic. */
  hasListeners(topic: string): boolean {
    return this.#listeners.matches(topic);
  }

  close(done: () => void): this {
    this.#closed = true;
    setImmediate(done);
    return this;
  }

  /**
   * Decides whether a subscriber gets a message now; the library asks while a listener runs. False when the session's
   * queue has the message, or when the backlog is full (`onDrop` is called).
   */
  admits(clientId: string, backlog: Backlog, packet: AedesPublishPacket, onDrop: () => void): boolean {
    // Messages from a session's queue and replayed retained messages are not emitted; they are always written.
    if (this.#queued === undefined) return true;
    if (packet.qos > 0 && this.#queued.has(clientId)) return false;
    const bytes = packet.payload.length + packet.topic.length;
    if (!backlog.take(bytes)) {
      onDrop();
      return false;
    }
    this.#taken = { backlog, bytes };
    return true;
  }

  /**
   * Answers all messages of one turn of the event loop together, so that acknowledgements to a client leave in one
   * write.
   */
  #answer(done: (error?: Error) => void): void {
    this.#answers.push(done);
    if (this.#answers.length > 1) return;
    setImmediate(() => {
      const answers = this.#answers;
      this.#answers = [];
      for (const each of answers) each();
    });
  }

  #call(listener: Listener, packet: AedesPublishPacket): void {
    this.#taken = undefined;
    let taken: Taken | undefined;
    // The library calls back in a later turn of the event loop, when the message is written or the connection is gone.
    listener(packet, () => {
      taken?.backlog.release(taken.bytes);
      taken = undefined;
    });
    taken = this.#taken;
  }
}

const NONE: ReadonlySet<string> = new Set();
