import type { Outcome, Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import { wallOf } from './instant.ts';
import type { Detector, MutableDetector, StepContext, Timer } from './types.ts';
import { NO_VARIABLES } from './variables.ts';

/** A detector without its variables and attributes. */
export type DetectorFields = Pick<
  Detector,
  'state' | 'otherVariables' | 'timers' | 'createdBy' | 'creationTime' | 'lastUpdateTime'
>;

/**
 * Stores the first places in members of the object itself, which suffices for most models. With many detectors in
 * memory, every further object is another cache miss: with two lists, for variables and inputs, a step among 100,000
 * detectors took twice as long; with one list, 1.3 times. Times are in two parts, since V8 has an object for each number
 * of more than 32 bits, and each update would leave an old one behind.
 */
class HoldingDetector implements MutableDetector {
  state: number;
  timers: readonly Timer[];
  updatedMinute: number;
  updatedMillisecond: number;
  first: Outcome = undefined;
  second: Outcome = undefined;
  third: Outcome = undefined;
  fourth: Outcome = undefined;
  readonly others: Outcome[];
  readonly otherVariables: ReadonlyMap<string, Value>;
  readonly createdBy: number;
  readonly createdMinute: number;
  readonly createdMillisecond: number;

  constructor(places: number, fields: DetectorFields) {
    this.state = fields.state;
    this.timers = fields.timers;
    this.updatedMinute = minuteOf(fields.lastUpdateTime);
    this.updatedMillisecond = fields.lastUpdateTime - this.updatedMinute * MINUTE;
    this.others = places <= MEMBERS ? NOTHING : new Array<Outcome>(places - MEMBERS).fill(undefined);
    this.otherVariables = fields.otherVariables;
    this.createdBy = fields.createdBy;
    this.createdMinute = minuteOf(fields.creationTime);
    this.createdMillisecond = fields.creationTime - this.createdMinute * MINUTE;
  }

  get lastUpdateTime(): number {
    return this.updatedMinute * MINUTE + this.updatedMillisecond;
  }

  set lastUpdateTime(time: number) {
    this.updatedMinute = minuteOf(time);
    this.updatedMillisecond = time - this.updatedMinute * MINUTE;
  }

  get creationTime(): number {
    return this.createdMinute * MINUTE + this.createdMillisecond;
  }

  at(place: number): Outcome {
    switch (place) {
      case 0:
        return this.first;
      case 1:
        return this.second;
      case 2:
        return this.third;
      case 3:
        return this.fourth;
      default:
        return this.others[place - MEMBERS];
    }
  }

  put(place: number, held: Outcome): void {
    switch (place) {
      case 0:
        this.first = held;
        break;
      case 1:
        this.second = held;
        break;
      case 2:
        this.third = held;
        break;
      case 3:
        this.fourth = held;
        break;
      default:
        this.others[place - MEMBERS] = held;
    }
  }
}

/** Milliseconds. */
const MINUTE = 60_000;

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE);
}

const MEMBERS = 4;
/** Shared by all detectors that need no list, which saves memory accesses. */
const NOTHING: Outcome[] = [];
const NO_TIMERS: readonly Timer[] = [];

/** A detector in the model's initial state, before its first evaluation. */
export function createDetector(model: CompiledModel, context: StepContext): MutableDetector {
  const now = wallOf(context);
  return emptyDetector(model, {
    state: model.initialState,
    timers: NO_TIMERS,
    lastUpdateTime: now,
    otherVariables: NO_VARIABLES,
    createdBy: context.sequence,
    creationTime: now,
  });
}

/** An independent copy of a detector. */
export function copyDetector(model: CompiledModel, detector: Detector): MutableDetector {
  const copy = emptyDetector(model, detector);
  for (let place = 0; place < model.placeNames.length; place++) copy.put(place, detector.at(place));
  return copy;
}

/** A detector without variables and attributes. */
export function emptyDetector(model: CompiledModel, fields: DetectorFields): MutableDetector {
  return new HoldingDetector(model.placeNames.length, fields);
}
