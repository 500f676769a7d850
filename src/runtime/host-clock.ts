import type { Change, Store } from '../store/store.ts';
import { type Clock, type MachineClock, machineClock } from './clock.ts';
import type { Log } from './log.ts';
import { CLOCK } from './rows.ts';

/** Milliseconds by which the wall clock must deviate from the steady clock to count as a jump. */
const JUMP = 1000;
/** Maximum milliseconds between two readings of the steady clock for the wall clock reading in between to be usable. */
const MOMENT = 100;
/** Milliseconds after which a turn's commit records the time again. */
const NOTE_AGAIN = 10_000;

/** The row `clock`: a host's time, and the wall clock's lead over it. */
interface Noted {
  readonly time: number;
  readonly ahead: number;
}

export interface HostClockOptions {
  readonly machine?: MachineClock;
  readonly log: Log;
  /** Called for each jump of the wall clock, in milliseconds, negative when it was set back. */
  readonly onJump?: (by: number) => void;
}

/**
 * The time of a host. It follows the machine's steady clock, so that setting the wall clock makes nothing late or
 * early; the wall clock's lead over it is tracked separately. Both are recorded on disk, and the next start resumes
 * from there: the downtime is taken from the wall clock, and counts as 0 when negative. See docs/decisions/014-time.md.
 */
export class HostClock implements Clock {
  readonly #machine: MachineClock;
  readonly #log: Log;
  readonly #onJump: (by: number) => void;
  /** The host's time at which the steady clock was 0. */
  #origin: number;
  /** How far the wall clock was ahead of the host's time at the last check. */
  #ahead = 0;
  #resumed = false;
  #notedAt = Number.NEGATIVE_INFINITY;
  #jumped = false;

  constructor({ machine = machineClock, log, onJump = () => {} }: HostClockOptions) {
    this.#machine = machine;
    this.#log = log;
    this.#onJump = onJump;
    this.#origin = machine.wall() - machine.steady();
  }

  /**
   * Resumes from the time recorded in the store. Must be called before the time is used; a second call in one process
   * changes nothing, since this clock is more accurate than the record. Rejects with StoreError.
   */
  async resume(store: Store): Promise<void> {
    if (this.#resumed) return;
    const text = await store.get(CLOCK);
    this.#resumed = true;
    if (text === undefined) return;
    const { time, ahead } = JSON.parse(text) as Noted;
    const wall = this.#machine.wall();
    const now = Math.max(wall - ahead, time);
    this.#origin = now - this.#machine.steady();
    this.#ahead = wall - now;
    const back = now - (wall - ahead);
    if (back < JUMP) return;
    const fields = { seconds: back / 1000 };
    this.#log.warn(fields, 'the clock was set back while the server was down; timers are late by as much');
  }

  now(): number {
    return Math.floor(this.#origin + this.#machine.steady());
  }

  wall(): number {
    this.look();
    return this.now() + this.#ahead;
  }

  /** Converts the host's time to the current wall clock. */
  shown(time: number): number {
    return time + this.#ahead;
  }

  at(time: number, callback: () => void): () => void {
    let cancel: () => void;
    const wait = () => {
      cancel = this.#machine.after(Math.max(0, time - this.now()), () => {
        if (this.now() >= time) callback();
        else wait();
      });
    };
    wait();
    return () => cancel();
  }

  soon(callback: () => void): void {
    this.#machine.soon(callback);
  }

  /** Checks whether the wall clock has jumped. */
  look(): void {
    const before = this.#machine.steady();
    const wall = this.#machine.wall();
    // If the process was suspended in between, the readings do not belong together.
    if (this.#machine.steady() - before > MOMENT) return;
    const ahead = wall - Math.floor(this.#origin + before);
    const by = ahead - this.#ahead;
    this.#ahead = ahead;
    if (Math.abs(by) < JUMP) return;
    this.#jumped = true;
    this.#log.warn(
      { seconds: by / 1000, time: new Date(wall).toISOString() },
      `the machine clock was set ${by > 0 ? 'forward' : 'back'}; timers and deliveries are not affected`,
    );
    this.#onJump(by);
  }

  /**
   * The row to commit, when the wall clock has jumped since the last record or that is at least `age` milliseconds old.
   */
  note(age = NOTE_AGAIN): Change[] {
    const time = this.now();
    if (!this.#jumped && time - this.#notedAt < age) return [];
    this.#jumped = false;
    this.#notedAt = time;
    const noted: Noted = { time, ahead: this.#ahead };
    return [[CLOCK, JSON.stringify(noted)]];
  }

  /** The commit of the rows returned by `note` has failed. */
  forget(): void {
    this.#notedAt = Number.NEGATIVE_INFINITY;
  }
}
