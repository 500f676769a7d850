import type { CustomerAction } from '../../core/alarm/types.ts';
import type { SimulatedEvaluation } from '../evaluation.ts';
import type { SimulatedModel } from '../models.ts';
import { type OperatorAction, Simulator } from '../simulator.ts';
import { type Moment, standOf } from './moment.ts';

/** An action of the user in a session. */
export type SessionMove =
  | { readonly kind: 'send'; readonly inputName: string; readonly text: string }
  /** In milliseconds since the epoch. */
  | { readonly kind: 'advance'; readonly to: number }
  | ({ readonly kind: 'operate' } & OperatorAction);

/** The maximum number of moments, which are kept with their traces: a timer loop must not fill the memory. */
export const MOST_MOMENTS = 10_000;

/**
 * An interactive simulation with its history, to inspect, to return to an earlier moment, and to save as a scenario.
 * The same moves always result in the same moments.
 */
export class Session {
  readonly models: readonly SimulatedModel[];
  /** In milliseconds since the epoch. */
  readonly start: number;
  readonly #most: number;
  #simulator: Simulator;
  #moves: SessionMove[] = [];
  #moments: Moment[] = [];

  /** The names of the models must differ. Keeps up to `most` moments; only tests pass another number. */
  constructor(models: readonly SimulatedModel[], start: number, most = MOST_MOMENTS) {
    this.models = models;
    this.start = start;
    this.#most = most;
    this.#simulator = this.#begin();
  }

  get moves(): readonly SessionMove[] {
    return this.#moves;
  }

  /** In order; the first is the start. */
  get moments(): readonly Moment[] {
    return this.#moments;
  }

  get time(): number {
    return this.#simulator.time;
  }

  get nextDeadline(): number | undefined {
    return this.#simulator.nextDeadline;
  }

  /** True when the maximum number of moments is reached; further moves are ignored. */
  get isFull(): boolean {
    return this.#moments.length >= this.#most;
  }

  /** Sends a message now; `text` is its payload. */
  send(inputName: string, text: string): void {
    if (this.isFull) return;
    this.#moves.push({ kind: 'send', inputName, text });
    this.#simulator.put({ inputName, messageId: undefined, payload: text });
  }

  /** Runs an operator's action on an alarm now. */
  operate(alarmModelName: string, keyValue: string | undefined, action: CustomerAction): void {
    if (this.isFull) return;
    this.#moves.push({ kind: 'operate', alarmModelName, keyValue, action });
    this.#simulator.operate({ alarmModelName, keyValue, action });
  }

  /** Advances the clock, firing due timers. Stops when the session is full. Ignores a time in the past. */
  advanceTo(to: number): void {
    if (this.isFull || to <= this.time) return;
    const last = this.#moments.at(-1);
    // Combine successive advances during which nothing happens into one move.
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

  /** Advances the clock to the next timer and fires it. Returns false when none is running. */
  fireNext(): boolean {
    const next = this.nextDeadline;
    if (next === undefined) return false;
    this.advanceTo(next);
    return true;
  }

  /** Discards everything after a moment, so that the session can continue from there. */
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
    const instance = this.#simulator.find(model, keyValue);
    if (instance === undefined) return;
    const move = this.#moves.length - 1;
    this.#moments.push({ kind: 'evaluation', time, move, evaluation, after: standOf(instance) });
  }
}
