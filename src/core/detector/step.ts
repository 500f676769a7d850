import type {
  CompiledAction,
  CompiledEvent,
  CompiledModel,
  CompiledState,
  CompiledTransition,
} from '../model/compiled.ts';
import { perform } from './actions.ts';
import { copyDetector, createDetector } from './detector.ts';
import { Evaluation } from './evaluation.ts';
import type { Tracer } from './trace.ts';
import type {
  Advanced,
  Detector,
  LifeCycle,
  MutableDetector,
  StepContext,
  StepResult,
  Trigger,
} from './types.ts';

/**
 * Evaluates one trigger for one detector (reference: models 7). A pure function. Without a detector, creates one in the
 * model's initial state.
 */
export function step(
  model: CompiledModel,
  detector: Detector | undefined,
  trigger: Trigger,
  context: StepContext,
): StepResult {
  const next = detector === undefined ? createDetector(model, context) : copyDetector(model, detector);
  const { effects, problems, trace, setText } = advance(
    model,
    next,
    detector === undefined,
    trigger,
    context,
  );
  return { detector: next, effects, problems, trace, setText };
}

/**
 * Like `step`, for a host that owns the detector: mutates it and returns an `undo`. Mutating a long-lived object costs
 * the garbage collector nothing; replacing it at every step costs more than the evaluation itself. A step must not
 * throw; if it does nevertheless, the detector is restored.
 */
export function advance(
  model: CompiledModel,
  detector: MutableDetector,
  isNew: boolean,
  trigger: Trigger,
  context: StepContext,
): Advanced {
  const evaluation = new Evaluation(model, detector, trigger, context);
  let isDone = false;
  try {
    if (isNew) enter(evaluation);
    react(evaluation);
    evaluation.settleTimeouts();
    evaluation.finishTrace();
    isDone = true;
  } finally {
    if (!isDone) evaluation.undo();
  }
  return evaluation;
}

const NONE: readonly CompiledTransition[] = [];

/** Runs the onEnter group of the current state. */
function enter(evaluation: Evaluation): void {
  runGroup(evaluation, 'OnEnter', currentState(evaluation).onEnter, NONE);
}

/**
 * Runs the onInput group of the current state and, if a transition is chosen, moves to the next state. The new state's
 * onInput runs only at the next trigger (reference: models 7.3).
 */
function react(evaluation: Evaluation): void {
  const state = currentState(evaluation);
  const transition = runGroup(evaluation, 'OnInput', state.onInput, state.transitions);
  if (transition === undefined) return;
  evaluation.transition = transition;
  runGroup(evaluation, 'OnExit', state.onExit, NONE);
  evaluation.state = transition.nextState;
  if (evaluation.tracer !== undefined) {
    const { name: eventName, place } = transition;
    const to = currentState(evaluation).name;
    evaluation.tracer.transition = { eventName, from: state.name, to, place };
  }
  enter(evaluation);
}

function currentState(evaluation: Evaluation): CompiledState {
  return evaluation.model.states[evaluation.state] as CompiledState;
}

/** Runs one group, including the actions of the transition it chooses. Returns that transition. */
function runGroup(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  events: readonly CompiledEvent[],
  transitions: readonly CompiledTransition[],
): CompiledTransition | undefined {
  if (events.length === 0 && transitions.length === 0) return undefined;
  const chosen = evaluation.model.serial
    ? runSerial(evaluation, lifeCycle, events, transitions)
    : runBatch(evaluation, lifeCycle, events, transitions);
  evaluation.settleTimeouts();
  return chosen;
}

/**
 * BATCH: evaluates all conditions against the values at the start of the group, then runs all actions (reference:
 * models 7.4).
 */
function runBatch(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  events: readonly CompiledEvent[],
  transitions: readonly CompiledTransition[],
): CompiledTransition | undefined {
  // Rarely is more than one event true, so a list is created only for the second.
  let first: CompiledEvent | undefined;
  let others: CompiledEvent[] | undefined;
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as CompiledEvent;
    if (!test(evaluation, lifeCycle, event, false)) continue;
    if (first === undefined) first = event;
    else if (others === undefined) others = [event];
    else others.push(event);
  }
  const chosen = choose(evaluation, lifeCycle, transitions);
  if (first !== undefined) performAll(evaluation, first);
  if (others !== undefined) for (const event of others) performAll(evaluation, event);
  if (chosen !== undefined) performAll(evaluation, chosen);
  return chosen;
}

/** SERIAL: runs each event's actions before evaluating the next condition (reference: models 7.5). */
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

/** Returns the first transition whose condition is true, without evaluating the ones after it. */
function choose(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  transitions: readonly CompiledTransition[],
): CompiledTransition | undefined {
  for (let at = 0; at < transitions.length; at++) {
    const transition = transitions[at] as CompiledTransition;
    const isChosen = test(evaluation, lifeCycle, transition, true);
    if (evaluation.model.serial) evaluation.settleTimeouts();
    if (!isChosen) continue;
    const { tracer } = evaluation;
    if (tracer !== undefined)
      traceSkipped(evaluation, tracer, lifeCycle, transition, transitions.slice(at + 1));
    return transition;
  }
  return undefined;
}

/** Only the Boolean true counts as true (reference: models 6). */
function test(
  evaluation: Evaluation,
  lifeCycle: LifeCycle,
  event: CompiledEvent,
  hasTransition: boolean,
): boolean {
  evaluation.eventName = event.name;
  if (evaluation.tracer !== undefined)
    return testTraced(evaluation, evaluation.tracer, lifeCycle, event, hasTransition);
  return event.condition === undefined || event.condition.evaluate(evaluation) === true;
}

function testTraced(
  evaluation: Evaluation,
  tracer: Tracer,
  lifeCycle: LifeCycle,
  { name, place, condition }: CompiledEvent,
  hasTransition: boolean,
): boolean {
  const { value, parts } = condition?.explain(evaluation) ?? UNCONDITIONAL;
  tracer.conditions.push({
    lifeCycle,
    state: currentState(evaluation).name,
    eventName: name,
    hasTransition,
    place,
    result: value === true ? 'True' : 'False',
    condition: condition?.text,
    value,
    reads: (condition?.reads ?? []).map(({ reference, evaluate }) => {
      return { reference, value: evaluate(evaluation) };
    }),
    explain: parts,
    resultDetails: undefined,
  });
  return value === true;
}

const UNCONDITIONAL = { value: true, parts: [] };

function traceSkipped(
  evaluation: Evaluation,
  tracer: Tracer,
  lifeCycle: LifeCycle,
  chosen: CompiledTransition,
  skipped: readonly CompiledTransition[],
): void {
  for (const { name, place, condition } of skipped) {
    tracer.conditions.push({
      lifeCycle,
      state: currentState(evaluation).name,
      eventName: name,
      hasTransition: true,
      place,
      result: 'Skipped',
      condition: condition?.text,
      value: undefined,
      reads: [],
      explain: [],
      resultDetails: `Skipped due to transition from ${chosen.name} event`,
    });
  }
}

function performAll(evaluation: Evaluation, { name, actions }: CompiledEvent): void {
  evaluation.eventName = name;
  for (let at = 0; at < actions.length; at++) {
    perform(evaluation, name, actions[at] as CompiledAction);
    // SERIAL: a value may have been the first to test an expiry (reference: questions Q-TIMEOUTONCE).
    if (evaluation.model.serial) evaluation.settleTimeouts();
  }
}
