import { randomInt } from 'node:crypto';
import type { RowWriter } from '../row-writer.ts';
import { fingerprintsOf, type RowId, readChunk, renderId, writeChunk } from './chunk-row.ts';
import { Fingerprints } from './fingerprints.ts';
import { NumberQueue, TextQueue } from './queues.ts';

/** A message's id on its input, with a fingerprint that differs from nearly all others. */
export interface MessageId extends RowId {
  readonly fingerprint: number;
}

/**
 * Approximate number of ids that leave the window in one turn: far more than come in, yet few enough to keep the turn
 * short.
 */
const MOST_EXPIRED = 2000;
/** Random for each process, so that ids with colliding fingerprints are hard to choose. */
const SEED = randomInt(2 ** 32);

/**
 * The messageIds accepted on each input in the last minutes (reference: questions Q-DEDUPE). The ids of one turn form a
 * chunk: a durable row that is deleted once its time is outside the window. Hardly any of millions of ids is ever
 * looked up again, so memory holds a fingerprint and a chunk number for each, and the text of the chunk's row, which
 * tells whether it is really that id. All of that is outside the heap: as objects it would be most of what a full
 * garbage collection has to deal with.
 */
export class DedupeWindow {
  readonly #window: number;
  readonly #fingerprints = new Fingerprints();
  /** The same fingerprints in order of arrival, to remove them chunk by chunk without reading the rows again. */
  readonly #arrived = new NumberQueue(Int32Array);
  /** Chunks of turns in progress, oldest first. */
  #open: Chunk[] = [];
  /** The chunks whose rows are durable, oldest first; all of them are older than those in progress. */
  readonly #numbers = new NumberQueue(Float64Array);
  readonly #times = new NumberQueue(Float64Array);
  readonly #sizes = new NumberQueue(Int32Array);
  /** The positions in `#rows` after each chunk's row. */
  readonly #ends = new NumberQueue(Float64Array);
  readonly #rows = new TextQueue();
  /** The position in `#rows` at which the oldest chunk's row begins. */
  #begin = 0;
  /** Numbers of expired chunks whose rows still exist in the store. */
  #gone: number[] = [];
  #next = 0;
  #size = 0;

  /** `window` is in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  /** The ids of messages that are looked up next, one after the other. */
  identify(messages: readonly RowId[]): readonly MessageId[] {
    const ids = identify(messages);
    this.#fingerprints.prefetch(ids);
    return ids;
  }

  has(id: MessageId, now: number): boolean {
    if (!this.#fingerprints.has(id.fingerprint)) return false;
    return this.#fingerprints.valuesOf(id.fingerprint).some((short) => this.#isIn(short, id, now));
  }

  /** Whether the limit of remembered ids is reached. */
  isFull(limit: number, now: number): boolean {
    if (this.#size >= limit) this.#expire(now, Number.POSITIVE_INFINITY);
    return this.#size >= limit;
  }

  /** A new chunk for the ids of a turn. Turns before it may still be rolled back, but accept nothing more. */
  open(time: number): Chunk {
    const chunk = new Chunk(this.#next++, time);
    this.#open = this.#open.filter(({ size }) => size > 0);
    this.#open.push(chunk);
    return chunk;
  }

  /** Adds an id to the newest chunk. */
  add(chunk: Chunk, id: MessageId): void {
    chunk.add(id);
    this.#note(id.fingerprint, chunk.short);
  }

  /** Removes the last id of the newest chunk that has any; its row must not be kept yet. */
  forgetLast(chunk: Chunk): void {
    chunk.forgetLast();
    this.#fingerprints.delete(this.#arrived.pop(), chunk.short);
    this.#size--;
  }

  /** The chunk's row, in UTF-8, is durable; turns must become so in order. */
  keep(chunk: Chunk, row: Uint8Array): void {
    this.#open = this.#open.filter((each) => each !== chunk);
    this.#keep(chunk.number, chunk.time, chunk.size, row);
  }

  /** Restores a chunk from its row at startup; chunks must arrive in order. */
  restore(number: number, row: string): void {
    this.#next = number + 1;
    const before = this.#size;
    const time = readChunk(row, SEED, (fingerprint) => this.#note(fingerprint, number | 0));
    this.#keep(number, time, this.#size - before, Buffer.from(row));
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

  #note(fingerprint: number, short: number): void {
    this.#fingerprints.add(fingerprint, short);
    this.#arrived.push(fingerprint);
    this.#size++;
  }

  #keep(number: number, time: number, size: number, row: Uint8Array): void {
    this.#numbers.push(number);
    this.#times.push(time);
    this.#sizes.push(size);
    this.#rows.push(row);
    this.#ends.push(this.#rows.end);
  }

  #expire(now: number, most: number): void {
    for (let left = most; left > 0; ) {
      const time = this.#times.at(0);
      if (time === undefined || time > now - this.#window) break;
      this.#times.shift();
      const number = this.#numbers.shift();
      const size = this.#sizes.shift();
      for (let id = 0; id < size; id++) this.#fingerprints.delete(this.#arrived.shift(), number | 0);
      this.#size -= size;
      left -= size;
      this.#begin = this.#ends.shift();
      this.#gone.push(number);
    }
    this.#rows.dropBefore(this.#begin);
  }

  /** Whether the chunk has the id and is within the window. */
  #isIn(short: number, id: MessageId, now: number): boolean {
    const open = this.#open.find((chunk) => chunk.short === short);
    if (open !== undefined) return open.time > now - this.#window && open.has(id);
    const at = this.#find(short);
    if ((this.#times.at(at) as number) <= now - this.#window) return false;
    const begin = at === 0 ? this.#begin : (this.#ends.at(at - 1) as number);
    return this.#rows.read(begin, this.#ends.at(at) as number).includes(renderId(id));
  }

  /** The place of a kept chunk; there must be one. */
  #find(short: number): number {
    const oldest = this.#numbers.at(0) as number;
    const number = oldest + ((short - (oldest | 0)) >>> 0);
    let [low, high] = [0, this.#numbers.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#numbers.at(middle) as number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The ids accepted by one turn, all at the same time. */
export class Chunk {
  readonly number: number;
  readonly time: number;
  readonly #ids: MessageId[] = [];

  constructor(number: number, time: number) {
    this.number = number;
    this.time = time;
  }

  /** The low 32 bits of its number: unique among the chunks of a window. */
  get short(): number {
    return this.number | 0;
  }

  get size(): number {
    return this.#ids.length;
  }

  add(id: MessageId): void {
    this.#ids.push(id);
  }

  forgetLast(): void {
    this.#ids.pop();
  }

  /** Writes the value of its row, without its end. */
  write(out: RowWriter): void {
    writeChunk(this.time, this.#ids, out);
  }

  has(id: MessageId): boolean {
    return this.#ids.some(
      ({ inputName, messageId }) => inputName === id.inputName && messageId === id.messageId,
    );
  }
}

/** The ids of messages with their fingerprints. */
export function identify(messages: readonly RowId[]): readonly MessageId[] {
  const fingerprintOf = fingerprintsOf(SEED);
  return messages.map(({ inputName, messageId }) => ({
    inputName,
    messageId,
    fingerprint: fingerprintOf(inputName, messageId),
  }));
}
