import type { CompiledEvent, CompiledModel, CompiledState, CompiledTransition } from '../model/compiled.ts';
import { perform } from './actions.ts';
import { Evaluation } from './evaluation.ts';
import type {
  Advance,
  Detector,
  LifeCycle,
  MutableDetector,
  StepContext,
  StepResult,
  Trigger,
} from './types.ts';
import { NO_VARIABLES } from './variables.ts';

/**
 * One trigger evaluated by one detector (spec: model 7): a pure function. Without a detector the trigger creates
 * one, in the initial state of the model.
 */
export function step(
  model: CompiledModel,
  detector: Detector | undefined,
  trigger: Trigger,
  context: StepContext,
): StepResult {
  const next = detector === undefined ? createDetector(model, context) : copyDetector(detector);
  const { effects, problems, trace } = advance(model, next, detector === undefined, trigger, context);
  return { detector: next, effects, problems, trace };
}

/**
 * The same for a host that owns the detector: changes it. A long-lived object that changes costs the collector nothing,
 * one that is replaced at every step costs it more than the evaluation.
 */
export function advance(
  model: CompiledModel,
  detector: Detector,
  isNew: boolean,
  trigger: Trigger,
  context: StepContext,
): Advance {
  EVALUATION.begin(model, detector as MutableDetector, trigger, context);
  if (isNew) enter(EVALUATION);
  react(EVALUATION);
  return EVALUATION.end();
}

/** Evaluations do not overlap: one after the other uses it. */
const EVALUATION = new Evaluation();

/** A detector in the initial state that has not evaluated anything yet. */
export function createDetector(model: CompiledModel, context: StepContext): Detector {
  return {
    keyValue: context.keyValue,
    state: model.initialState,
    variables: new Array<undefined>(model.variables.names.length).fill(undefined),
    otherVariables: NO_VARIABLES,
    timers: [],
    inputs: new Array<undefined>(model.inputs.names.length).fill(undefined),
    createdBy: context.sequence,
    creationTime: context.now,
    lastUpdateTime: context.now,
  };
}

/** A detector of its own with the same contents. */
export function copyDetector(detector: Detector): Detector {
  return {
    keyValue: detector.keyValue,
    state: detector.state,
    variables: detector.variables.slice(),
    otherVariables: detector.otherVariables,
    timers: detector.timers,
    inputs: detector.inputs.slice(),
    createdBy: detector.createdBy,
    creationTime: detector.creationTime,
    lastUpdateTime: detector.lastUpdateTime,
  };
}

/** The onEnter group of the current state. */
function enter(evaluation: Evaluation): void {
  runGroup(evaluation, 'OnEnter', currentState(evaluation).onEnter, []);
}

/**
 * The onInput group of the current state and, when a transition is chosen, the way into the next state. The new
 * state's onInput waits for the next trigger (spec: model 7.3).
 */
function react(evaluation: Evaluation): void {
  const state = currentState(evaluation);
  const transition = runGroup(evaluation, 'OnInput', state.onInput, state.transitions);
  if (transition === undefined) return;
  runGroup(evaluation, 'OnExit', state.onExit, []);
  evaluation.state = transition.nextState;
  enter(evaluation);
}

function currentState(evaluation: Evaluation): CompiledState {
  return evaluation.model.states[evaluation.state] as CompiledState;
}

/** Runs one group and gives the transition it chose, its actions done. */
function runGroup(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  events: readonly CompiledEvent[],
  transitions: readonly CompiledTransition[],
): CompiledTransition | undefined {
  const run = evaluation.model.serial ? runSerial : runBatch;
  const chosen = run(evaluation, lifeCycle, events, transitions);
  evaluation.settleTimeouts();
  return chosen;
}

/** BATCH: all conditions first, on the values of the group's start, then all actions (spec: model 7.4). */
function runBatch(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  events: readonly CompiledEvent[],
  transitions: readonly CompiledTransition[],
): CompiledTransition | undefined {
  let due: CompiledEvent[] | undefined;
  for (const event of events) {
    if (!test(evaluation, lifeCycle, event, false)) continue;
    due ??= [];
    due.push(event);
  }
  const chosen = choose(evaluation, lifeCycle, transitions);
  if (due !== undefined) for (const event of due) performAll(evaluation, event);
  if (chosen !== undefined) performAll(evaluation, chosen);
  return chosen;
}

/** SERIAL: each event's actions before the next event's condition (spec: model 7.5). */
function runSerial(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  events: readonly CompiledEvent[],
  transitions: readonly CompiledTransition[],
): CompiledTransition | undefined {
  for (const event of events) {
    const due = test(evaluation, lifeCycle, event, false);
    evaluation.settleTimeouts();
    if (due) performAll(evaluation, event);
  }
  const chosen = choose(evaluation, lifeCycle, transitions);
  if (chosen !== undefined) performAll(evaluation, chosen);
  return chosen;
}

/** The first transition whose condition is true; the conditions after it are not evaluated. */
function choose(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  transitions: readonly CompiledTransition[],
): CompiledTransition | undefined {
  let chosen: CompiledTransition | undefined;
  for (const transition of transitions) {
    if (chosen !== undefined) {
      if (evaluation.trace === undefined) break;
      traceSkipped(evaluation, lifeCycle, transition, chosen);
    } else if (test(evaluation, lifeCycle, transition, true)) {
      chosen = transition;
    }
    if (evaluation.model.serial) evaluation.settleTimeouts();
  }
  return chosen;
}

/** Only the Boolean true is true (spec: model 6). */
function test(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  event: CompiledEvent,
  hasTransition: boolean,
): boolean {
  const { condition } = event;
  const value = condition === undefined ? true : condition.evaluate(evaluation);
  if (evaluation.trace !== undefined) {
    evaluation.trace.push({
      lifeCycle,
      state: currentState(evaluation).name,
      eventName: event.name,
      hasTransition,
      result: value === true ? 'True' : 'False',
      ...(condition && {
        condition: condition.text,
        reads: condition.reads.map(({ text, evaluate }) => ({ text, value: evaluate(evaluation) })),
      }),
      ...(value !== undefined && { value }),
    });
  }
  return value === true;
}

function traceSkipped(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  event: CompiledTransition,
  chosen: CompiledTransition,
): void {
  evaluation.trace?.push({
    lifeCycle,
    state: currentState(evaluation).name,
    eventName: event.name,
    hasTransition: true,
    result: 'Skipped',
    ...(event.condition && { condition: event.condition.text }),
    resultDetails: `Skipped due to transition from ${chosen.name} event`,
  });
}

function performAll(evaluation: Evaluation, event: CompiledEvent): void {
  for (const action of event.actions) perform(evaluation, event.name, action);
}
