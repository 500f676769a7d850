import { randomInt } from 'node:crypto';
import { fnv1a, mix, separate } from '../core/engine/hash.ts';
import { FingerprintQueue } from './fingerprint-queue.ts';
import { Fingerprints } from './fingerprints.ts';

/** A message's id on its input, with a fingerprint that differs from nearly all others. */
export interface MessageId {
  readonly inputName: string;
  readonly messageId: string;
  readonly fingerprint: number;
}

/**
 * Approximate number of ids that leave the window in one turn: far more than come in, yet few enough to keep the turn
 * short.
 */
const MOST_EXPIRED = 2000;
/**
 * Characters from which a row is kept as bytes outside the heap: with millions of ids, their texts would be most of what
 * a full garbage collection has to deal with. A short row takes less memory as a text.
 */
const LARGE_ROW = 1024;
/** Random for each process, so that ids with colliding fingerprints are hard to choose. */
const SEED = randomInt(2 ** 32);

/**
 * The messageIds accepted on each input in the last minutes (reference: questions Q-DEDUPE). The ids of one turn form a
 * chunk: a durable row that is deleted once its time is outside the window. Hardly any of millions of ids is ever
 * looked up again, so memory holds only a fingerprint and a chunk number for each; the chunk's row tells whether it is
 * really that id.
 */
export class DedupeWindow {
  readonly #window: number;
  readonly #fingerprints = new Fingerprints();
  /** The same fingerprints in order of arrival, to remove them chunk by chunk without reading the rows again. */
  readonly #arrived = new FingerprintQueue();
  /** By the number that the fingerprints refer to, oldest first. */
  readonly #chunks = new Map<number, Chunk>();
  /** Numbers of expired chunks whose rows still exist. */
  #gone: number[] = [];
  #next = 0;
  #size = 0;

  /** `window` is in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  has(id: MessageId, now: number): boolean {
    if (!this.#fingerprints.has(id.fingerprint)) return false;
    return this.#fingerprints.valuesOf(id.fingerprint).some((short) => {
      const chunk = this.#chunks.get(short);
      return chunk !== undefined && chunk.time > now - this.#window && chunk.has(id);
    });
  }

  /** Whether the limit of remembered ids is reached. */
  isFull(limit: number, now: number): boolean {
    if (this.#size >= limit) this.#expire(now, Number.POSITIVE_INFINITY);
    return this.#size >= limit;
  }

  /** A new chunk for the ids of a turn. */
  open(time: number): Chunk {
    return this.#hold(new Chunk(this.#next++, time));
  }

  /** Adds an id to the newest chunk. */
  add(chunk: Chunk, id: MessageId): void {
    chunk.add(id);
    this.#note(id.fingerprint, chunk);
  }

  /** Removes the last id of the newest chunk that has any; its row must not be kept yet. */
  forgetLast(chunk: Chunk): void {
    chunk.forgetLast();
    this.#fingerprints.delete(this.#arrived.pop(), chunk.short);
    this.#size--;
  }

  /** Restores a chunk from its row at startup; chunks must arrive in order. */
  restore(number: number, row: string): void {
    this.#next = number + 1;
    const { time, ids } = JSON.parse(row) as { time: number; ids: Pair[] };
    const chunk = this.#hold(new Chunk(number, time));
    for (const pair of ids) this.#note(fingerprintOf(pair[0], pair[1]), chunk);
    chunk.size = ids.length;
    chunk.keep(row);
  }

  /**
   * Drops some of the ids that have left the window, and returns the numbers of the chunks whose rows can be deleted.
   */
  expire(now: number): number[] {
    this.#expire(now, MOST_EXPIRED);
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }

  #note(fingerprint: number, { short }: Chunk): void {
    this.#fingerprints.add(fingerprint, short);
    this.#arrived.push(fingerprint);
    this.#size++;
  }

  #hold(chunk: Chunk): Chunk {
    this.#chunks.set(chunk.short, chunk);
    return chunk;
  }

  #expire(now: number, most: number): void {
    let left = most;
    for (const chunk of this.#chunks.values()) {
      if (chunk.time > now - this.#window || left <= 0) break;
      // The chunk belongs to a turn in progress, which may still be rolled back.
      if (!chunk.isKept && chunk.size > 0) break;
      for (let id = 0; id < chunk.size; id++) this.#fingerprints.delete(this.#arrived.shift(), chunk.short);
      this.#size -= chunk.size;
      left -= chunk.size;
      this.#chunks.delete(chunk.short);
      if (chunk.isKept) this.#gone.push(chunk.number);
    }
  }
}

/** The ids accepted by one turn, all at the same time. */
export class Chunk {
  readonly number: number;
  readonly time: number;
  size = 0;
  /** Empty once the row has replaced them. */
  #ids: MessageId[] = [];
  #row: string | Buffer | undefined;

  constructor(number: number, time: number) {
    this.number = number;
    this.time = time;
  }

  /** The low 32 bits of its number: unique among the chunks of a window. */
  get short(): number {
    return this.number | 0;
  }

  add(id: MessageId): void {
    this.#ids.push(id);
    this.size++;
  }

  forgetLast(): void {
    this.#ids.pop();
    this.size--;
  }

  /** `{"time":…,"ids":[[inputName,messageId],…]}` */
  toRow(): string {
    return JSON.stringify({ time: this.time, ids: this.#ids.map(pairOf) });
  }

  /** The row is durable: keep its text in place of many small objects. */
  keep(row: string): void {
    this.#row = row.length < LARGE_ROW ? row : Buffer.from(row);
    this.#ids = [];
  }

  get isKept(): boolean {
    return this.#row !== undefined;
  }

  has(id: MessageId): boolean {
    if (this.#row !== undefined) return this.#row.includes(JSON.stringify(pairOf(id)));
    return this.#ids.some(
      ({ inputName, messageId }) => inputName === id.inputName && messageId === id.messageId,
    );
  }
}

type Pair = readonly [inputName: string, messageId: string];

function pairOf({ inputName, messageId }: MessageId): Pair {
  return [inputName, messageId];
}

/** The id of a message with its fingerprint. */
export function identify(inputName: string, messageId: string): MessageId {
  return { inputName, messageId, fingerprint: fingerprintOf(inputName, messageId) };
}

/** Never 0, which marks a free place in the table of fingerprints. */
function fingerprintOf(inputName: string, messageId: string): number {
  return mix(fnv1a(messageId, separate(fnv1a(inputName, SEED)))) || 1;
}
