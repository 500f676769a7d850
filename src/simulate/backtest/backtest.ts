import type { Json } from '../../core/expression/value.ts';
import type { SimulatedEvaluation } from '../evaluation.ts';
import type { Scheduled } from '../messages/schedule.ts';
import type { SimulatedModel } from '../models.ts';
import type { SimulatedRequest } from '../records.ts';
import { causedInputs, play } from '../run.ts';
import { Simulator } from '../simulator.ts';
import { isoTime } from '../times.ts';
import { type ActionDifference, comparedActions, Instant } from './actions.ts';
import { type Stretch, Stretches } from './stretches.ts';

type Side = 'old' | 'new';

/** The differences between two versions of a model for the same messages, ordered by time and then by key. */
export interface Comparison {
  readonly old: SideReport;
  readonly new: SideReport;
  readonly keys: { readonly total: number; readonly different: number };
  readonly differences: readonly Difference[];
}

export interface SideReport {
  readonly modelName: string;
  readonly evaluations: number;
  readonly actions: number;
}

export type Difference =
  | ({ readonly kind: 'state' } & Stretch)
  | ({ readonly kind: 'action' } & ActionDifference);

/** Runs the same messages through two versions of a model in parallel. */
export class Backtest {
  readonly #simulators: Readonly<Record<Side, Simulator>>;
  readonly #caused: Readonly<Record<Side, ReadonlySet<string>>>;
  readonly #stretches = new Stretches();
  readonly #actions: ActionDifference[] = [];
  readonly #happened: Happened[] = [];
  /** The instant in progress. */
  #instant = { time: Number.NEGATIVE_INFINITY, actions: new Instant() };

  /** `start` is in milliseconds since the epoch. */
  constructor(old: SimulatedModel, other: SimulatedModel, start: number) {
    this.#simulators = { old: this.#simulate('old', old, start), new: this.#simulate('new', other, start) };
    this.#caused = { old: causedInputs([old]), new: causedInputs([other]) };
  }

  get time(): number {
    return this.#simulators.old.time;
  }

  /** Plays the next message or operator's action. Times must not decrease. */
  play(scheduled: Scheduled): void {
    if (scheduled.time > this.time) this.#advance(scheduled.time);
    for (const side of SIDES) play(this.#simulators[side], scheduled, this.#caused[side]);
    this.#absorb();
  }

  /** Advances the clock to `end` and returns the comparison. */
  finish(end: number): Comparison {
    this.#advance(end);
    this.#settle();
    const states = this.#stretches.finish().map((stretch): Difference => ({ kind: 'state', ...stretch }));
    const actions = this.#actions.map((difference): Difference => ({ kind: 'action', ...difference }));
    const differences = [...states, ...actions].sort(compare);
    const different = new Set(differences.map(({ keyValue }) => keyValue)).size;
    return {
      old: report(this.#simulators.old),
      new: report(this.#simulators.new),
      keys: { total: this.#stretches.keys, different },
      differences,
    };
  }

  #simulate(side: Side, model: SimulatedModel, start: number): Simulator {
    const onEvaluation = (evaluation: SimulatedEvaluation) => {
      this.#happened.push({ side, evaluation });
    };
    return new Simulator({ models: [model], start, trace: false, onEvaluation });
  }

  #advance(time: number): void {
    for (const side of SIDES) this.#simulators[side].advanceTo(time);
    this.#absorb();
  }

  /** Processes all evaluations of both versions since the last call, ordered by time. */
  #absorb(): void {
    if (this.#happened.length === 0) return;
    for (const { side, evaluation } of this.#happened.sort((a, b) => a.evaluation.time - b.evaluation.time)) {
      const { time, keyValue, stateAfter, effects } = evaluation;
      if (time !== this.#instant.time) {
        this.#settle();
        this.#instant = { time, actions: new Instant() };
      }
      this.#stretches.enter(side, keyValue, stateAfter, time);
      for (const effect of effects)
        for (const action of comparedActions(effect)) this.#instant.actions.add(side, keyValue, action);
    }
    this.#happened.length = 0;
  }

  /** Ends the current instant. */
  #settle(): void {
    const { time, actions } = this.#instant;
    this.#stretches.settle(time);
    if (!actions.isEmpty) this.#actions.push(...actions.differences(time));
    this.#instant = { time, actions: new Instant() };
  }
}

interface Happened {
  readonly side: Side;
  readonly evaluation: SimulatedEvaluation;
}

const SIDES: readonly Side[] = ['old', 'new'];

function report({ models, counts }: Simulator): SideReport {
  return {
    modelName: models[0]?.compiled.name ?? '',
    evaluations: counts.evaluations,
    actions: counts.actions,
  };
}

function compare(a: Difference, b: Difference): number {
  const time = timeOf(a) - timeOf(b);
  if (time !== 0) return time;
  const [left, right] = [a.keyValue ?? '', b.keyValue ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return a.kind === b.kind ? 0 : a.kind === 'state' ? -1 : 1;
}

function timeOf(difference: Difference): number {
  return difference.kind === 'state' ? difference.from : difference.time;
}

/** A difference as printed by `tripline backtest --json`. Undefined members are omitted. */
export function differenceRecord(difference: Difference): Json {
  const { keyValue } = difference;
  const key = keyValue === undefined ? {} : { keyValue };
  if (difference.kind === 'state') {
    const { from, to, old, new: other } = difference;
    const end = to === undefined ? {} : { to: isoTime(to) };
    return { kind: 'state', ...key, from: isoTime(from), ...end, old, new: other };
  }
  const { time, type, target, old, new: other } = difference;
  return {
    kind: 'action',
    ...key,
    time: isoTime(time),
    type,
    target,
    ...(old && { old: requestRecord(old) }),
    ...(other && { new: requestRecord(other) }),
  };
}

function requestRecord({ request, error = '' }: SimulatedRequest): Json {
  // Requests are JSON.
  return request === undefined ? { error } : (request as unknown as Json);
}
