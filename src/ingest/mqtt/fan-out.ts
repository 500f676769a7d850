import type { AedesPublishPacket } from 'aedes';
import { TopicTree } from '../topic-tree.ts';
import type { Backlog } from './backlog.ts';

/** The origin of packets that go to all subscribers, beside those that a session's queue sends to its client. */
export const FAN_OUT = 'fan-out';

export type Listener = (packet: AedesPublishPacket, done: () => void) => void;

/** A message that waits in the backlog of a connection. */
interface Taken {
  readonly backlog: Backlog;
  readonly bytes: number;
}

/**
 * Hands each message to the subscriptions that match it: what the broker library calls its emitter (`mq`).
 *
 * The emitter that comes with the library answers when every subscriber has taken the message, so that one that reads
 * nothing stalls every publisher. This one answers at once: a subscriber has a backlog of its own, which is bounded.
 */
export class FanOut {
  readonly #listeners = new TopicTree<Listener>({ restIncludesParent: true });
  readonly #sessionsWith: (packet: object) => ReadonlySet<string> | undefined;
  #emitted = 0;
  #answers: ((error?: Error) => void)[] = [];
  #closed = false;
  /** Client ids whose session queue has the message that is being handed out; undefined outside `emit`. */
  #queued: ReadonlySet<string> | undefined;
  #taken: Taken | undefined;

  /** `sessionsWith`: the client ids whose session queues have a message already. */
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
    // What is published while the broker closes has nobody connected to go to.
    if (this.#closed) {
      this.#answer(done);
      return this;
    }
    // A client takes a message for a copy unless its number is above the last of the same origin. So numbers go by the
    // order of handing out, which is not that of arrival when one message waited for the disk and another did not.
    packet.brokerId = FAN_OUT;
    packet.brokerCounter = ++this.#emitted;
    this.#queued = this.#sessionsWith(packet) ?? NONE;
    for (const listener of this.#listeners.match(packet.topic)) this.#call(listener, packet);
    this.#queued = undefined;
    this.#answer(done);
    return this;
  }

  /** Whether anybody is subscribed to the topic at the moment. */
  hasListeners(topic: string): boolean {
    return this.#listeners.matches(topic);
  }

  close(done: () => void): this {
    this.#closed = true;
    setImmediate(done);
    return this;
  }

  /**
   * Decides on one message for one subscriber, which the library asks while a listener runs: true when it is to be
   * written now. It is not when the session's queue has it, or when the backlog is full (`onDrop` is called).
   */
  admits(clientId: string, backlog: Backlog, packet: AedesPublishPacket, onDrop: () => void): boolean {
    // What a session's queue sends and what is replayed because it was retained come one after the other.
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

  /** All answers of one turn together, so that acknowledgements to a client leave in one write. */
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
    // The library calls back in a later turn, when the message has left or the connection is gone.
    listener(packet, () => {
      taken?.backlog.release(taken.bytes);
      taken = undefined;
    });
    taken = this.#taken;
  }
}

const NONE: ReadonlySet<string> = new Set();
