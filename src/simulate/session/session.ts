import type { CustomerAction } from '../../core/alarm/types.ts';
import type { SimulatedEvaluation } from '../evaluation.ts';
import type { SimulatedModel } from '../models.ts';
import { type OperatorAction, Simulator } from '../simulator.ts';
import { type Moment, standOf } from './moment.ts';

/** What somebody did in a session. */
export type SessionMove =
  | { readonly kind: 'send'; readonly inputName: string; readonly text: string }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'advance'; readonly to: number }
  | ({ readonly kind: 'operate' } & OperatorAction);

/** Moments that a session keeps with their traces, so that no loop of timers fills the memory. */
export const MOST_MOMENTS = 10_000;

/**
 * A simulation that somebody plays with, and everything that happened in it: to look back at, to go back to, and to
 * save as a test. The same moves give the same moments.
 */
export class Session {
  readonly models: readonly SimulatedModel[];
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly #most: number;
  #simulator: Simulator;
  #moves: SessionMove[] = [];
  #moments: Moment[] = [];

  /** No two models have the same name. `most` moments are kept, `MOST_MOMENTS` unless a test says otherwise. */
  constructor(models: readonly SimulatedModel[], start: number, most = MOST_MOMENTS) {
    this.models = models;
    this.start = start;
    this.#most = most;
    this.#simulator = this.#begin();
  }

  get moves(): readonly SessionMove[] {
    return this.#moves;
  }

  /** In their order; the first is the start. */
  get moments(): readonly Moment[] {
    return this.#moments;
  }

  get time(): number {
    return this.#simulator.time;
  }

  get nextDeadline(): number | undefined {
    return this.#simulator.nextDeadline;
  }

  /** Whether it takes no more moves, because it keeps as many moments as it may. */
  get isFull(): boolean {
    return this.#moments.length >= this.#most;
  }

  /** A message now; `text` is its payload. */
  send(inputName: string, text: string): void {
    if (this.isFull) return;
    this.#moves.push({ kind: 'send', inputName, text });
    this.#simulator.put({ inputName, messageId: undefined, payload: text });
  }

  /** An operator acts on an alarm now. */
  operate(alarmModelName: string, keyValue: string | undefined, action: CustomerAction): void {
    if (this.isFull) return;
    this.#moves.push({ kind: 'operate', alarmModelName, keyValue, action });
    this.#simulator.operate({ alarmModelName, keyValue, action });
  }

  /** Moves the clock on, firing what comes due. Stops where the session is full. A time that has passed does nothing. */
  advanceTo(to: number): void {
    if (this.isFull || to <= this.time) return;
    const last = this.#moments.at(-1);
    // A clock that only goes on is one move, in however many pieces.
    const isQuiet = last?.kind === 'clock' && this.#moves.at(-1)?.kind === 'advance';
    if (isQuiet) {
      this.#moves.pop();
      this.#moments.pop();
    }
    this.#moves.push({ kind: 'advance', to });
    while (!this.isFull) {
      const next = this.nextDeadline;
      if (next === undefined || next > to) break;
      this.#simulator.fireNext();
    }
    if (this.isFull) {
      this.#moves.pop();
      this.#moves.push({ kind: 'advance', to: this.time });
      return;
    }
    this.#simulator.advanceTo(to);
    if (this.#moments.at(-1)?.time !== to)
      this.#moments.push({ kind: 'clock', time: to, move: this.#moves.length - 1 });
  }

  /** Moves the clock to the next timer, and fires it; false when none runs. */
  fireNext(): boolean {
    const next = this.nextDeadline;
    if (next === undefined) return false;
    this.advanceTo(next);
    return true;
  }

  /** Forgets all that came after a moment, so that the session can go on from there in another way. */
  backTo(index: number): void {
    const moment = this.#moments[index];
    if (moment === undefined || index === this.#moments.length - 1) return;
    const kept = this.#moves.slice(0, Math.max(0, moment.move));
    const move = this.#moves[moment.move];
    this.#simulator = this.#begin();
    for (const each of kept) this.#do(each);
    if (move?.kind === 'advance') this.advanceTo(moment.time);
    else if (move !== undefined) this.#do(move);
  }

  #do(move: SessionMove): void {
    if (move.kind === 'send') this.send(move.inputName, move.text);
    else if (move.kind === 'operate') this.operate(move.alarmModelName, move.keyValue, move.action);
    else this.advanceTo(move.to);
  }

  #begin(): Simulator {
    this.#moves = [];
    this.#moments = [{ kind: 'start', time: this.start, move: -1 }];
    return new Simulator({
      models: this.models,
      start: this.start,
      trace: true,
      onEvaluation: (evaluation) => this.#evaluated(evaluation),
      onRejection: (rejection) =>
        this.#moments.push({
          kind: 'rejection',
          time: rejection.time,
          move: this.#moves.length - 1,
          rejection,
        }),
    });
  }

  #evaluated(evaluation: SimulatedEvaluation): void {
    const { model, keyValue, time } = evaluation;
    const instance = this.#simulator.find(model.compiled.name, keyValue);
    if (instance === undefined) return;
    const move = this.#moves.length - 1;
    this.#moments.push({ kind: 'evaluation', time, move, evaluation, after: standOf(instance) });
  }
}
