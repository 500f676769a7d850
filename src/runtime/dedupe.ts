/**
 * The messageIds accepted on each input in the last minutes (spec: questions Q-DEDUPE). Each turn's ids make one
 * durable chunk, which goes when the window has left it behind.
 */
export class DedupeWindow {
  readonly #window: number;
  readonly #inputs = new Map<string, Map<string, number>>();
  /** Number -> time, oldest first. */
  readonly #chunks = new Map<number, number>();
  #next = 0;
  #size = 0;

  /** `window` in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  get size(): number {
    return this.#size;
  }

  has(inputName: string, messageId: string, now: number): boolean {
    const accepted = this.#inputs.get(inputName)?.get(messageId);
    return accepted !== undefined && accepted > now - this.#window;
  }

  /** Remembers an id; the function it gives forgets it again. */
  add(inputName: string, messageId: string, now: number): () => void {
    const ids = this.#inputs.get(inputName) ?? new Map<string, number>();
    this.#inputs.set(inputName, ids);
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

  /** Forgets what has left the window and gives the numbers of the chunks that can go. */
  expire(now: number): number[] {
    const limit = now - this.#window;
    const gone: number[] = [];
    for (const [number, time] of this.#chunks) {
      if (time > limit) break;
      gone.push(number);
      this.#chunks.delete(number);
    }
    // Each id is in a chunk of its time. A look at every input would cost each turn more than its messages do.
    if (gone.length === 0) return gone;
    for (const ids of this.#inputs.values()) {
      for (const [id, time] of ids) {
        if (time > limit) break;
        ids.delete(id);
        this.#size--;
      }
    }
    return gone;
  }
}
