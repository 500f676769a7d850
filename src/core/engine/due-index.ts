/** Items by due time: a binary min-heap. */
export class DueIndex<T> {
  readonly #times: number[] = [];
  readonly #items: T[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** The earliest due time; Infinity when the index is empty. */
  get earliest(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  add(time: number, item: T): void {
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = this.#times[parent] as number;
      if (parentTime <= time) break;
      this.#put(at, parentTime, this.#items[parent] as T);
      at = parent;
    }
    this.#put(at, time, item);
  }

  /** Adds an item without restoring the heap order. Call `settle` after the last one, before any other method. */
  append(time: number, item: T): void {
    this.#times.push(time);
    this.#items.push(item);
  }

  /** Restores the heap order after `append`. Cheaper than adding the items one by one. */
  settle(): void {
    for (let at = (this.#times.length >> 1) - 1; at >= 0; at--) {
      this.#sink(at, this.#times[at] as number, this.#items[at] as T);
    }
  }

  /** Removes and returns the earliest item. */
  take(): { readonly time: number; readonly item: T } | undefined {
    if (this.#times.length === 0) return undefined;
    const taken = { time: this.#times[0] as number, item: this.#items[0] as T };
    const time = this.#times.pop() as number;
    const item = this.#items.pop() as T;
    if (this.#times.length > 0) this.#sink(0, time, item);
    return taken;
  }

  #sink(from: number, time: number, item: T): void {
    const size = this.#times.length;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && (this.#times[child + 1] as number) < (this.#times[child] as number)) child++;
      const childTime = this.#times[child] as number;
      if (childTime >= time) break;
      this.#put(at, childTime, this.#items[child] as T);
      at = child;
    }
    this.#put(at, time, item);
  }

  #put(at: number, time: number, item: T): void {
    this.#times[at] = time;
    this.#items[at] = item;
  }
}
