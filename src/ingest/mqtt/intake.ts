import type { Duplex } from 'node:stream';
import { type PublishPacket, readPublish, writePubacks } from './publish-packet.ts';

/** What takes the messages of a client that is connected. */
export interface Intake {
  /** Called when the client has sent something: it is alive. */
  onActivity(): void;
  /** `done` is called when the message may be acknowledged, in the order of the calls; with an error to disconnect. */
  onPublish(packet: PublishPacket, done: (error?: Error) => void): void;
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
  #intake: Intake | undefined;
  #underWay = 0;
  #isHeldBack = false;
  /** Messages to acknowledge at the end of this turn of the event loop, in one write. */
  #acknowledged: number[] = [];

  /** `limit` is the number of messages without an outcome at which no more is read. */
  constructor(stream: Duplex, limit: number) {
    this.#stream = stream;
    this.#limit = limit;
  }

  /** Begins once the client is connected: before that, everything is for the library. */
  begin(intake: Intake): void {
    this.#intake = intake;
  }

  /** Whether nothing may be read for now. If so, the stream emits `readable` once it may. */
  holdsBack(): boolean {
    this.#isHeldBack = this.#underWay >= this.#limit;
    return this.#isHeldBack;
  }

  /** Takes packets from the front of a chunk, which begins with a packet; returns where it has stopped. */
  take(chunk: Buffer): number {
    const intake = this.#intake;
    // A client that does not read its acknowledgements is left to the library, which ends it after a while.
    if (intake === undefined || this.#stream.writableNeedDrain) return 0;
    let at = 0;
    while (at < chunk.length && !this.#stream.destroyed) {
      const packet = readPublish(chunk, at);
      if (packet === undefined) break;
      at = packet.end;
      this.#underWay++;
      intake.onPublish(packet, (error) => this.#done(intake, packet, error));
    }
    if (at > 0) intake.onActivity();
    return at;
  }

  /** Writes the acknowledgements that wait, so that those of the library come after them. */
  flush(): void {
    if (this.#acknowledged.length === 0) return;
    const bytes = writePubacks(this.#acknowledged);
    this.#acknowledged = [];
    if (!this.#stream.destroyed) this.#stream.write(bytes);
  }

  #done(intake: Intake, { qos, messageId }: PublishPacket, error: Error | undefined): void {
    this.#underWay--;
    if (this.#stream.destroyed) return;
    if (error !== undefined) {
      intake.fail(error);
      return;
    }
    if (qos === 1 && this.#acknowledged.push(messageId) === 1) process.nextTick(() => this.flush());
    if (!this.#isHeldBack || this.#underWay >= this.#limit) return;
    this.#isHeldBack = false;
    this.#stream.emit('readable');
  }
}
