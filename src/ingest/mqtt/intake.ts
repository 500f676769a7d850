import type { Duplex } from 'node:stream';
import { type OrdinaryPublish, readPublish, writePubacks } from './publish-packet.ts';

/** What takes the messages of a client that is connected. */
export interface PublishHandler {
  /** Called when the client has sent something: it is alive. */
  onActivity(): void;
  /** `done` is called when the message may be acknowledged, in the order of the calls; with an error to disconnect. */
  onPublish(packet: OrdinaryPublish, done: (error?: Error) => void): void;
  /** Disconnects the client. */
  fail(error: Error): void;
}

/**
 * Takes the ordinary PUBLISH packets of one client from the bytes of its connection, before the broker library reads
 * them, and acknowledges them, in a fraction of the library's processor time (docs/decisions/023-ordinary-publishes.md).
 * The library still handles every other packet.
 */
export class PublishIntake {
  readonly #stream: Duplex;
  readonly #limit: number;
  #handler: PublishHandler | undefined;
  #underWay = 0;
  /** Messages to acknowledge at the end of this turn of the event loop, in one write. */
  #acknowledged: number[] = [];

  /** `limit` is the number of messages without an outcome at which no more is read. */
  constructor(stream: Duplex, limit: number) {
    this.#stream = stream;
    this.#limit = limit;
  }

  /** Begins once the client is connected: before that, everything is for the library. */
  begin(handler: PublishHandler): void {
    this.#handler = handler;
  }

  /** Whether nothing may be read for now. The stream emits `readable` when that ends. */
  get isFull(): boolean {
    return this.#underWay >= this.#limit;
  }

  /** Takes packets from the front of a chunk, which begins with a packet; returns where it has stopped. */
  take(chunk: Buffer): number {
    const handler = this.#handler;
    // A client that does not read its acknowledgements is left to the library, which ends it after a while.
    if (handler === undefined || this.#stream.writableNeedDrain) return 0;
    let at = 0;
    while (at < chunk.length && !this.#stream.destroyed) {
      const packet = readPublish(chunk, at);
      if (packet === undefined) break;
      at = packet.end;
      this.#underWay++;
      handler.onPublish(packet, (error) => this.#done(handler, packet, error));
    }
    if (at > 0) handler.onActivity();
    return at;
  }

  /** Writes the acknowledgements that wait, so that those of the library come after them. */
  flush(): void {
    if (this.#acknowledged.length === 0) return;
    const bytes = writePubacks(this.#acknowledged);
    this.#acknowledged = [];
    if (!this.#stream.destroyed) this.#stream.write(bytes);
  }

  #done(handler: PublishHandler, { qos, messageId }: OrdinaryPublish, error: Error | undefined): void {
    this.#underWay--;
    if (this.#stream.destroyed) return;
    if (error !== undefined) {
      handler.fail(error);
      return;
    }
    if (qos === 1 && this.#acknowledged.push(messageId) === 1) process.nextTick(() => this.flush());
    if (this.#underWay === this.#limit - 1) this.#stream.emit('readable');
  }
}
