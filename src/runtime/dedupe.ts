/**
 * The messageIds accepted on each input in the last minutes (spec: questions Q-DEDUPE). Each turn's ids make one
 * durable chunk, which goes when the window has left it behind.
 */
export class DedupeWindow {
  readonly #window: number;
  readonly #inputs = new Map<string, readonly Ids[]>();
  /** Number -> time, oldest first. */
  readonly #chunks = new Map<number, number>();
  #next = 0;
  #size = 0;
  /** The part whose old ids go next. */
  #part = 0;
  /** Parts to look at until all have been since a chunk has expired. */
  #partsLeft = 0;
  /** When all parts were last looked at. */
  #cleared = Number.NEGATIVE_INFINITY;

  /** `window` in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  has(inputName: string, messageId: string, now: number): boolean {
    const accepted = this.#inputs.get(inputName)?.[partOf(messageId)]?.get(messageId);
    return accepted !== undefined && accepted > now - this.#window;
  }

  /** Whether so many ids are remembered that there is no room for another one. */
  isFull(limit: number, now: number): boolean {
    if (this.#size < limit) return false;
    // Old ids go a part at a time: some that have left the window may still be counted.
    if (now > this.#cleared) for (let part = 0; part < PARTS; part++) this.#forget(part, now);
    this.#cleared = now;
    return this.#size >= limit;
  }

  /** Remembers an id; the function it gives forgets it again. */
  add(inputName: string, messageId: string, now: number): () => void {
    let parts = this.#inputs.get(inputName);
    if (parts === undefined) {
      parts = Array.from({ length: PARTS }, (): Ids => new Map());
      this.#inputs.set(inputName, parts);
    }
    const ids = parts[partOf(messageId)] as Ids;
    const earlier = ids.get(messageId);
    // Deleted first, so that the map stays in the order of times.
    if (earlier !== undefined) ids.delete(messageId);
    else this.#size++;
    ids.set(messageId, now);
    return () => {
      if (ids.delete(messageId)) this.#size--;
    };
  }

  /** The number under which a turn's ids are kept. */
  addChunk(time: number): number {
    const number = this.#next++;
    this.#chunks.set(number, time);
    return number;
  }

  /** What a chunk's row said, read back at the start; chunks come in their order. */
  restore(
    number: number,
    time: number,
    ids: readonly (readonly [inputName: string, messageId: string])[],
  ): void {
    this.#next = Math.max(this.#next, number + 1);
    this.#chunks.set(number, time);
    for (const [inputName, messageId] of ids) this.add(inputName, messageId, time);
  }

  /** Forgets some of what has left the window, and gives the numbers of the chunks that can go. */
  expire(now: number): number[] {
    const limit = now - this.#window;
    const gone: number[] = [];
    for (const [number, time] of this.#chunks) {
      if (time > limit) break;
      gone.push(number);
      this.#chunks.delete(number);
    }
    // Each id is in a chunk of its time: without one there is nothing old in any part.
    if (gone.length > 0) this.#partsLeft = PARTS;
    if (this.#partsLeft > 0) {
      this.#partsLeft--;
      this.#forget(this.#part, now);
      this.#part = (this.#part + 1) % PARTS;
    }
    return gone;
  }

  #forget(part: number, now: number): void {
    const limit = now - this.#window;
    for (const parts of this.#inputs.values()) {
      const ids = parts[part] as Ids;
      if (ids.size === 0) continue;
      for (const [id, time] of ids) {
        if (time > limit) break;
        ids.delete(id);
        this.#size--;
      }
    }
  }
}

/** messageId -> time, oldest first. */
type Ids = Map<string, number>;

/**
 * A map that grows moves all that it holds at once: with a million ids that is a tenth of a second in which nothing is
 * answered. So the ids of an input are in many maps, and of different sizes, so that they do not all grow in one moment:
 * the largest part is twice the smallest one, those between are spread evenly over what lies between two growths.
 */
const PARTS = 64;
const PART_OF_HASH = Uint8Array.from({ length: 256 }, (_, hash) =>
  Math.floor(PARTS * (2 ** (hash / 256) - 1)),
);

/** Characters of an id that tell where it goes: ids that count, in whatever way, differ in the last ones. */
const LOOKED_AT = 8;

function partOf(messageId: string): number {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, messageId.length - LOOKED_AT); at < messageId.length; at++)
    hash = Math.imul(hash ^ messageId.charCodeAt(at), 0x01000193);
  return PART_OF_HASH[Math.imul(hash, 0x9e3779b1) >>> 24] as number;
}
