/** The events of the simulated world in order of their time. Nothing waits for real time. */
export class Schedule {
  /** Milliseconds since the epoch. */
  now: number;
  #count = 0;
  readonly #heap: Event[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** Returns a function that cancels the call. */
  at(time: number, callback: () => void): () => void {
    const event: Event = { time: Math.max(Math.ceil(time), this.now), order: this.#count++, callback };
    this.#push(event);
    return () => {
      event.callback = undefined;
    };
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.at(this.now + milliseconds, callback);
  }

  /** Runs the next event that is due by then, with everything that follows immediately; false when there is none. */
  async step(until: number): Promise<boolean> {
    if ((this.#heap[0]?.time ?? Number.POSITIVE_INFINITY) > until) await settled();
    const next = this.#heap[0];
    if (next === undefined || next.time > until) {
      this.now = Math.max(this.now, until);
      return false;
    }
    this.#pop();
    this.now = next.time;
    if (next.callback === undefined) return true;
    next.callback();
    await settled();
    return true;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

/** Promises settle before the next turn of the event loop, since there is no real I/O. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Event {
  readonly time: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

function isBefore(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
