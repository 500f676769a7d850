import type { HostTurn } from './turn.ts';

/** A piece of work that waits for a turn. */
export interface Work {
  /** Messages in it; 1 for anything else. */
  readonly size: number;
  /** Runs the work in a turn and keeps its result. May throw Fault or any other error. */
  run(turn: HostTurn): void;
  /** Answers the caller with the result, once the turn is durable. */
  answer(): void;
  fail(error: Error): void;
}

/** Work with a caller that awaits its result. */
export class Awaited<T> implements Work {
  readonly size: number;
  readonly #run: (turn: HostTurn) => T;
  readonly #resolve: (result: T) => void;
  readonly fail: (error: Error) => void;
  #result: T | undefined;

  constructor(
    size: number,
    run: (turn: HostTurn) => T,
    resolve: (result: T) => void,
    reject: (error: Error) => void,
  ) {
    this.size = size;
    this.#run = run;
    this.#resolve = resolve;
    this.fail = reject;
  }

  run(turn: HostTurn): void {
    this.#result = this.#run(turn);
  }

  answer(): void {
    this.#resolve(this.#result as T);
  }
}

/** Work in order of arrival. */
export class WorkQueue {
  #works: Work[] = [];
  #size = 0;

  /** Messages that wait. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#works.length === 0;
  }

  add(work: Work): void {
    this.#works.push(work);
    this.#size += work.size;
  }

  /** Puts work in front of everything that waits. */
  putBack(works: readonly Work[]): void {
    this.#works = [...works, ...this.#works];
    for (const work of works) this.#size += work.size;
  }

  /** The oldest work, up to `room` messages; with `oneAtLeast`, at least one piece whatever its size. */
  take(room: number, oneAtLeast: boolean): readonly Work[] {
    let size = 0;
    let count = 0;
    while (count < this.#works.length && (size < room || (oneAtLeast && count === 0))) {
      size += this.#works[count]?.size ?? 0;
      count++;
    }
    this.#size -= size;
    const all = this.#works;
    this.#works = all.slice(count);
    return count === all.length ? all : all.slice(0, count);
  }
}
