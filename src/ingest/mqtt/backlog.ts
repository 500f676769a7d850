import type { Limits } from '../../limits.ts';

export type BacklogLimits = Pick<
  Limits,
  'mqttBacklogMessages' | 'mqttBacklogBytes' | 'mqttBacklogTotalBytes'
>;

/** Messages waiting to be written to slow subscribers: bounded for each connection and in total. */
export class Backlogs {
  readonly #limits: BacklogLimits;
  bytes = 0;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
  }

  open(): Backlog {
    return new Backlog(this, this.#limits);
  }
}

/** Messages waiting to be written to one connection. */
export class Backlog {
  readonly #all: Backlogs;
  readonly #limits: BacklogLimits;
  #messages = 0;
  #bytes = 0;
  #dropping = false;

  constructor(all: Backlogs, limits: BacklogLimits) {
    this.#all = all;
    this.#limits = limits;
  }

  /** Whether a message of that many bytes may wait; if so it is counted until `release`. */
  take(bytes: number): boolean {
    const { mqttBacklogMessages, mqttBacklogBytes, mqttBacklogTotalBytes } = this.#limits;
    const fits =
      this.#messages < mqttBacklogMessages &&
      this.#bytes + bytes <= mqttBacklogBytes &&
      this.#all.bytes + bytes <= mqttBacklogTotalBytes;
    if (!fits) return false;
    this.#messages++;
    this.#bytes += bytes;
    this.#all.bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    this.#all.bytes -= bytes;
    if (this.#messages === 0) this.#dropping = false;
  }

  /** True for the first message dropped since the backlog was last empty. */
  beginsToDrop(): boolean {
    const begins = !this.#dropping;
    this.#dropping = true;
    return begins;
  }
}
