import type { Duplex } from 'node:stream';

/** Callbacks of the packet guard. */
export interface PacketWatch {
  /** The maximum size in bytes of the packet that begins now, without its fixed header. */
  limit(): number;
  /** Called when a packet of that type begins (MQTT 2.1.2: 1 is CONNECT, 14 is DISCONNECT). */
  onPacket(type: number): void;
  /** Whether nothing may be read for now. */
  isFull(): boolean;
  /** Takes packets from the front of a chunk, which begins with a packet; returns where it has stopped. */
  take(chunk: Buffer): number;
}

/** A remaining length takes at most this many bytes (MQTT 2.2.3). */
const LENGTH_BYTES = 4;

/**
 * Checks the bytes read from a connection, packet by packet. The broker's parser buffers a packet of any length, up to
 * 256 MB, before anything can refuse it; here the connection is destroyed as soon as the length is known.
 *
 * The library takes data with `read()`, so the check wraps that method instead of adding another stream.
 */
export function guardPackets(connection: Duplex, watch: PacketWatch): void {
  const scanner = new PacketScanner(watch);
  const read = connection.read.bind(connection);
  connection.read = (size?: number) => {
    if (watch.isFull()) return null;
    const chunk: unknown = read(size);
    if (!Buffer.isBuffer(chunk)) return chunk;
    const { isBetweenPackets } = scanner;
    const problem = scanner.scan(chunk);
    if (problem !== undefined) {
      connection.destroy(new Error(problem));
      return null;
    }
    const taken = isBetweenPackets ? watch.take(chunk) : 0;
    if (taken === 0) return chunk;
    return taken === chunk.length ? null : chunk.subarray(taken);
  };
}

/** Tracks packet boundaries in a stream of bytes. */
export class PacketScanner {
  readonly #watch: PacketWatch;
  /** Remaining bytes of the current packet; undefined within a fixed header. */
  #left: number | undefined;
  #type = 0;
  #lengthBytes = -1;
  #length = 0;

  constructor(watch: PacketWatch) {
    this.#watch = watch;
  }

  /** Whether the next byte begins a packet. */
  get isBetweenPackets(): boolean {
    return this.#left === undefined && this.#lengthBytes < 0;
  }

  /** Returns the reason why the connection must end, or undefined. */
  scan(chunk: Buffer): string | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left !== undefined) {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#left = undefined;
        continue;
      }
      const problem = this.#header(chunk[at++] as number);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #header(byte: number): string | undefined {
    if (this.#lengthBytes < 0) {
      this.#type = byte >> 4;
      this.#lengthBytes = 0;
      this.#length = 0;
      return undefined;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes++;
    if ((byte & 0x80) !== 0)
      return this.#lengthBytes === LENGTH_BYTES ? 'A packet has no valid length' : undefined;
    const limit = this.#watch.limit();
    if (this.#length > limit) return `A packet of ${this.#length} bytes is larger than the limit of ${limit}`;
    this.#watch.onPacket(this.#type);
    this.#lengthBytes = -1;
    this.#left = this.#length === 0 ? undefined : this.#length;
    return undefined;
  }
}
