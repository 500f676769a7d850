import type { Change, Store } from '../store/store.ts';
import { type Clock, type MachineClock, machineClock } from './clock.ts';
import type { Log } from './log.ts';
import { CLOCK } from './rows.ts';

/** Milliseconds by which the wall clock has to leave the steady one for that to be a jump. */
const JUMP = 1000;
/** Milliseconds that two looks at the steady clock may be apart for the wall clock between them to mean anything. */
const MOMENT = 100;
/** Milliseconds after which a turn's commit notes the time again. */
const NOTE_AGAIN = 10_000;

/** The row `clock`: a time of the host, and how far the wall clock was ahead of it. */
interface Noted {
  readonly time: number;
  readonly ahead: number;
}

export interface HostClockOptions {
  readonly machine?: MachineClock;
  readonly log: Log;
  /** Told of each jump of the wall clock; milliseconds, negative when it was put back. */
  readonly onJump?: (by: number) => void;
}

/**
 * The time of a host. It goes by the machine's steady clock, so that a wall clock that is put forward or back makes
 * nothing late or early; how far the wall clock is ahead of it is kept beside. Both are noted on disk, and a start goes
 * on from there: the time that the server was down is what the wall clock says, less than nothing counting as nothing.
 * See docs/decisions/014-time.md.
 */
export class HostClock implements Clock {
  readonly #machine: MachineClock;
  readonly #log: Log;
  readonly #onJump: (by: number) => void;
  /** The host's time when the steady clock was at 0. */
  #origin: number;
  /** How far the wall clock is ahead of the host's time, when it was last looked at. */
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
   * Goes on from what the store has noted. To be called before the time means anything; a second call in one process
   * changes nothing, for this clock knows better than the disk. Rejects with StoreError.
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
    this.#log.warn(fields, 'the clock was put back while the server was down; timers wait that much longer');
  }

  now(): number {
    return Math.floor(this.#origin + this.#machine.steady());
  }

  wall(): number {
    this.look();
    return this.now() + this.#ahead;
  }

  /** What a time of the host is by the wall clock as it is now. */
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

  /** Sees whether the wall clock has jumped. */
  look(): void {
    const before = this.#machine.steady();
    const wall = this.#machine.wall();
    // A process that stood still in between has read times that do not belong together.
    if (this.#machine.steady() - before > MOMENT) return;
    const ahead = wall - Math.floor(this.#origin + before);
    const by = ahead - this.#ahead;
    this.#ahead = ahead;
    if (Math.abs(by) < JUMP) return;
    this.#jumped = true;
    this.#log.warn(
      { seconds: by / 1000, time: new Date(wall).toISOString() },
      `the clock of the machine was put ${by > 0 ? 'forward' : 'back'}; timers and deliveries go on as if it had not been`,
    );
    this.#onJump(by);
  }

  /** The row to commit, when the wall clock has jumped since the last one or that one is so many milliseconds old. */
  note(age = NOTE_AGAIN): Change[] {
    const time = this.now();
    if (!this.#jumped && time - this.#notedAt < age) return [];
    this.#jumped = false;
    this.#notedAt = time;
    const noted: Noted = { time, ahead: this.#ahead };
    return [[CLOCK, JSON.stringify(noted)]];
  }

  /** The commit of what `note` gave has failed. */
  forget(): void {
    this.#notedAt = Number.NEGATIVE_INFINITY;
  }
}
