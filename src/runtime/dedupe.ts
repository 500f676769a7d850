import { randomInt } from 'node:crypto';
import { fnv1a, mix, separate } from '../core/engine/hash.ts';
import { Fingerprints } from './fingerprints.ts';

/** A message's id on its input, with what tells it from nearly all others. */
export interface MessageId {
  readonly inputName: string;
  readonly messageId: string;
  readonly fingerprint: number;
}

/** Ids that leave the window in one turn, about: as many as come in by far, and not so many that the turn is long. */
const MOST_EXPIRED = 2000;
/** Other fingerprints in each process, so that ids which are all alike are hard to choose. */
const SEED = randomInt(2 ** 32);

/**
 * The messageIds accepted on each input in the last minutes (reference: questions Q-DEDUPE). The ids of a turn are a chunk,
 * which is a durable row and goes as a whole when the window has left it behind. Few of millions are ever asked for
 * again: what is at hand of each is a fingerprint and its chunk, and the chunk's row says whether it is that id.
 */
export class DedupeWindow {
  readonly #window: number;
  readonly #fingerprints = new Fingerprints();
  /** By what the fingerprints hold of their numbers, oldest first. */
  readonly #chunks = new Map<number, Chunk>();
  /** The numbers of those that are gone and whose rows are not yet. */
  #gone: number[] = [];
  #next = 0;
  #size = 0;

  /** `window` in milliseconds. */
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

  /** Whether so many ids are remembered that there is no room for another one. */
  isFull(limit: number, now: number): boolean {
    if (this.#size >= limit) this.#expire(now, Number.POSITIVE_INFINITY);
    return this.#size >= limit;
  }

  /** Where the ids of a turn go. */
  open(time: number): Chunk {
    return this.#hold(new Chunk(this.#next++, time));
  }

  /** Remembers an id. The last one of a chunk can be forgotten again until its row is kept. */
  add(chunk: Chunk, id: MessageId): void {
    chunk.add(id);
    this.#fingerprints.add(id.fingerprint, chunk.short);
    this.#size++;
  }

  forgetLast(chunk: Chunk): void {
    this.#fingerprints.delete(chunk.forgetLast().fingerprint, chunk.short);
    this.#size--;
  }

  /** What a chunk's row said, read back at the start; chunks come in their order. */
  restore(number: number, row: string): void {
    this.#next = number + 1;
    const { time, ids } = readRow(row);
    const chunk = this.#hold(new Chunk(number, time));
    for (const id of ids) this.add(chunk, id);
    chunk.keep(row);
  }

  /** Forgets some of what has left the window, and gives the numbers of the chunks whose rows can go. */
  expire(now: number): number[] {
    this.#expire(now, MOST_EXPIRED);
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }

  #hold(chunk: Chunk): Chunk {
    this.#chunks.set(chunk.short, chunk);
    return chunk;
  }

  #expire(now: number, most: number): void {
    let left = most;
    for (const chunk of this.#chunks.values()) {
      if (chunk.time > now - this.#window || left <= 0) break;
      // Of a turn under way: it may still take them back.
      if (!chunk.isKept && chunk.size > 0) break;
      for (const { fingerprint } of chunk.ids) this.#fingerprints.delete(fingerprint, chunk.short);
      this.#size -= chunk.size;
      left -= chunk.size;
      this.#chunks.delete(chunk.short);
      if (chunk.isKept) this.#gone.push(chunk.number);
    }
  }
}

/** The ids that one turn has accepted, at one time. */
export class Chunk {
  readonly number: number;
  readonly time: number;
  size = 0;
  /** Undefined once the row stands for them. */
  #ids: MessageId[] | undefined = [];
  #row = '';

  constructor(number: number, time: number) {
    this.number = number;
    this.time = time;
  }

  /** What is left of its number in 32 bits: no two chunks within a window have the same. */
  get short(): number {
    return this.number | 0;
  }

  add(id: MessageId): void {
    this.ids.push(id);
    this.size++;
  }

  forgetLast(): MessageId {
    this.size--;
    return this.ids.pop() as MessageId;
  }

  get ids(): MessageId[] {
    return this.#ids ?? readRow(this.#row).ids;
  }

  /** `{"time":…,"ids":[[inputName,messageId],…]}` */
  toRow(): string {
    return JSON.stringify({ time: this.time, ids: this.ids.map(pairOf) });
  }

  /** The row is durable: from here on it stands for the ids, one text in place of very many. */
  keep(row: string): void {
    this.#row = row;
    this.#ids = undefined;
  }

  get isKept(): boolean {
    return this.#ids === undefined;
  }

  has(id: MessageId): boolean {
    if (this.#ids === undefined) return this.#row.includes(JSON.stringify(pairOf(id)));
    return this.#ids.some(
      ({ inputName, messageId }) => inputName === id.inputName && messageId === id.messageId,
    );
  }
}

type Pair = readonly [inputName: string, messageId: string];

function pairOf({ inputName, messageId }: MessageId): Pair {
  return [inputName, messageId];
}

function readRow(row: string): { readonly time: number; readonly ids: MessageId[] } {
  const { time, ids } = JSON.parse(row) as { time: number; ids: Pair[] };
  return { time, ids: ids.map(([inputName, messageId]) => identify(inputName, messageId)) };
}

/** The id of a message, ready to be looked for. */
export function identify(inputName: string, messageId: string): MessageId {
  return { inputName, messageId, fingerprint: fingerprintOf(inputName, messageId) };
}

/** Never 0, which the table of fingerprints has for free places. */
function fingerprintOf(inputName: string, messageId: string): number {
  return mix(fnv1a(messageId, separate(fnv1a(inputName, SEED)))) || 1;
}
