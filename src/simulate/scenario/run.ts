import { namedVariables } from '../../core/detector/variables.ts';
import { isValue, type Json, renderText } from '../../core/expression/value.ts';
import type { Rejection, SimulatedEvaluation } from '../evaluation.ts';
import { readAction } from '../messages/element.ts';
import { inputsOf, type SimulatedModel } from '../models.ts';
import { payloadOf } from '../payload.ts';
import { counted } from '../report/text.ts';
import { type Instance, Simulator } from '../simulator.ts';
import { actionsOf, matchAction, type SeenAction, showAction } from './actions.ts';
import { literalOf } from './literal.ts';
import { describe, type Mismatch, match } from './match.ts';
import type {
  Addressed,
  AlarmStep,
  Expectation,
  ExpectedRejection,
  Failure,
  Scenario,
  SendStep,
  SetDetectorStep,
  Step,
} from './types.ts';

/** A step names a model or an input that does not exist, so that the scenario cannot run. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

export interface RunOptions {
  /** Called for every evaluation, with its trace. */
  readonly onEvaluation?: (evaluation: SimulatedEvaluation) => void;
}

/**
 * Runs one scenario, starting without detectors. Returns the failures of the first failing step; empty when the
 * scenario passes. Throws ScenarioError.
 */
export function runScenario(
  scenario: Scenario,
  models: readonly SimulatedModel[],
  options: RunOptions = {},
): readonly Failure[] {
  return new Run(scenario, models, options).play();
}

interface Found {
  readonly path: string;
  readonly message: string;
  readonly expected?: Json | undefined;
  readonly actual?: Json | undefined;
}

class Run {
  readonly #scenario: Scenario;
  readonly #models: readonly SimulatedModel[];
  readonly #simulator: Simulator;
  readonly #actions: SeenAction[] = [];
  readonly #named = new Set<SeenAction>();
  readonly #problems: { readonly message: string; readonly model: string }[] = [];
  /** Since the start of the current step. */
  #rejections: Rejection[] = [];
  /** The index of the first action since the last expectation about actions. */
  #window = 0;

  constructor(scenario: Scenario, models: readonly SimulatedModel[], { onEvaluation }: RunOptions) {
    this.#scenario = scenario;
    this.#models = models;
    this.#simulator = new Simulator({
      models,
      start: scenario.start,
      trace: true,
      onEvaluation: (evaluation) => {
        this.#actions.push(...actionsOf(evaluation));
        const model = evaluation.model.compiled.name;
        this.#problems.push(...evaluation.problems.map(({ message }) => ({ message, model })));
        onEvaluation?.(evaluation);
      },
      onRejection: (rejection) => {
        if (!rejection.isCaused) this.#rejections.push(rejection);
      },
    });
  }

  play(): Failure[] {
    const { steps } = this.#scenario;
    for (const [index, step] of steps.entries()) {
      const found = this.#at(index + 1, () => this.#do(step));
      if (found.length > 0) return found.map((each) => failureOf(index + 1, step.name, each));
    }
    return this.#unnamed().map((each) => failureOf(steps.length, steps.at(-1)?.name, each));
  }

  #at<T>(step: number, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      throw new ScenarioError(`"${this.#scenario.name}", step ${step}, ${error.message}`, { cause: error });
    }
  }

  #do(step: Step): Found[] {
    this.#rejections = [];
    switch (step.kind) {
      case 'send':
        return step.messages.flatMap((message, index) =>
          this.#send(message, step.isList ? `send[${index}]` : 'send'),
        );
      case 'advance':
        this.#simulator.advanceTo(this.#simulator.time + step.duration);
        return [];
      case 'advanceTo':
        this.#simulator.advanceTo(step.time);
        return [];
      case 'alarm':
        return this.#operate(step);
      case 'setDetector':
        return this.#setDetector(step);
      case 'deleteDetector':
        return this.#delete(step);
      case 'expect': {
        const found = step.expectations.flatMap((expectation, index) =>
          this.#expect(expectation, step.isList ? `expect[${index}]` : 'expect'),
        );
        const isAboutActions = step.expectations.some(
          ({ actions, actionsInclude, noActions }) =>
            actions !== undefined || actionsInclude !== undefined || noActions,
        );
        if (isAboutActions) this.#window = this.#actions.length;
        return found;
      }
    }
  }

  #send({ input, payload, messageId, rejected }: SendStep, path: string): Found[] {
    this.#rejections = [];
    const inputs = inputsOf(this.#models);
    const inputName = input ?? (inputs.length === 1 ? inputs[0] : undefined);
    if (inputName === undefined)
      throw new ScenarioError(
        `${path}.input: the models use ${inputs.join(', ')}; say which one the message is for`,
      );
    this.#simulator.put({
      inputName,
      messageId,
      payload: typeof payload === 'string' ? payload : payloadOf(payload),
    });
    return this.#checkRejection(rejected, path);
  }

  #operate({ action, seconds, note, rejected, ...who }: AlarmStep): Found[] {
    const model = this.#modelOf(who, 'alarm', 'alarm');
    const read = readAction(action, seconds, note);
    if (typeof read === 'string') throw new ScenarioError(`alarm: ${read}`);
    const keyValue = this.#keyOf(who, model);
    this.#simulator.operate({ alarmModelName: model.compiled.name, keyValue, action: read });
    return this.#checkRejection(rejected, 'alarm');
  }

  #checkRejection(expected: ExpectedRejection, path: string): Found[] {
    const [rejection] = this.#rejections;
    if (expected === false) {
      if (rejection === undefined) return [];
      const { reason, message } = rejection;
      return [
        {
          path: `${path}.rejected`,
          message: `expected it to be accepted, but it was rejected: ${reason}: ${message}`,
          actual: reason,
        },
      ];
    }
    const at = `${path}.rejected`;
    if (rejection === undefined)
      return [{ path: at, message: 'expected it to be rejected, but it was accepted', expected }];
    if (expected === true || this.#rejections.some(({ reason }) => reason === expected)) return [];
    const { reason, message } = rejection;
    return [
      { path: at, message: `expected ${expected}, found ${reason}: ${message}`, expected, actual: reason },
    ];
  }

  #setDetector({ state, variables, timers, ...who }: SetDetectorStep): Found[] {
    const model = this.#modelOf(who, 'setDetector', 'detector');
    const keyValue = this.#keyOf(who, model);
    const refusal = this.#simulator.setDetector(model, keyValue, {
      stateName: state,
      variables: Object.entries(variables).map(([name, value]) => ({ name, value: literalOf(value) })),
      timers: Object.entries(timers).map(([name, seconds]) => ({ name, seconds: Number(seconds) })),
    });
    return refusal === undefined ? [] : [{ path: 'setDetector', message: refusal }];
  }

  #delete(who: Addressed): Found[] {
    const model = this.#modelOf(who, 'deleteDetector');
    const keyValue = this.#keyOf(who, model);
    if (this.#simulator.delete(model, keyValue)) return [];
    return [
      { path: 'deleteDetector', message: `${model.compiled.name} has no detector ${keyValue ?? ''}`.trim() },
    ];
  }

  #expect(expectation: Expectation, path: string): Found[] {
    return [
      ...this.#expectInstance(expectation, path),
      ...this.#expectActions(expectation, path),
      ...(expectation.noProblems
        ? this.#problems.map(({ model, message }) => ({
            path: `${path}.noProblems`,
            message: `expected no problems, found one of ${model}: ${message}`,
            actual: message,
          }))
        : []),
    ];
  }

  #expectInstance(expectation: Expectation, path: string): Found[] {
    const { exists, state, variables, allVariables, timers, allTimers, model } = expectation;
    const about = [exists, state, variables, allVariables, timers, allTimers];
    if (about.every((part) => part === undefined)) {
      if (model !== undefined) this.#modelOf(expectation, path);
      return [];
    }
    const wanted = this.#modelOf(expectation, path);
    const keyValue = this.#keyOf(expectation, wanted);
    const instance = this.#simulator.find(wanted, keyValue);
    const who = keyValue === undefined ? wanted.compiled.name : `${wanted.compiled.name} ${keyValue}`;
    if (exists === false && (instance !== undefined || state === undefined)) {
      if (instance === undefined) return [];
      return [
        {
          path: `${path}.exists`,
          message: `expected ${who} not to exist, but it is in state ${instance.state}`,
          expected: false,
          actual: true,
        },
      ];
    }
    if (instance === undefined)
      return [
        {
          path: `${path}.${state === undefined ? 'exists' : 'state'}`,
          message: `expected ${who}, but it does not exist`,
          expected: state ?? true,
        },
      ];
    const found: Found[] = [];
    if (state !== undefined) found.push(...foundIn(match(state, instance.state), `${path}.state`));
    const set = variablesOf(instance);
    for (const [member, listed] of Object.entries({ variables, allVariables }))
      for (const [name, expected] of Object.entries(listed ?? {}))
        found.push(...foundIn(matchOptional(expected, set.get(name)), `${path}.${member}.${name}`));
    if (allVariables !== undefined) {
      for (const [name, value] of set) {
        if (Object.hasOwn(allVariables, name)) continue;
        const message = `expected it not to be set, found ${renderText(value)}`;
        found.push({ path: `${path}.allVariables.${name}`, message, actual: value });
      }
    }
    return [...found, ...this.#expectTimers(expectation, instance, path)];
  }

  #expectTimers({ timers, allTimers }: Expectation, instance: Instance, path: string): Found[] {
    const running = new Map(
      instance.timers
        .filter(({ status }) => status === 'RUNNING')
        .map(({ name, expiresAt }) => [name, (expiresAt - this.#simulator.time) / 1000]),
    );
    const found: Found[] = [];
    for (const [member, listed] of Object.entries({ timers, allTimers }))
      for (const [name, expected] of Object.entries(listed ?? {}))
        found.push(...matchTimer(expected, running.get(name), `${path}.${member}.${name}`));
    for (const [name, left] of allTimers === undefined ? [] : running) {
      if (allTimers !== undefined && Object.hasOwn(allTimers, name)) continue;
      const message = `expected it not to run, but it has ${left} s left`;
      found.push({ path: `${path}.allTimers.${name}`, message, actual: left });
    }
    return found;
  }

  #expectActions({ actions, actionsInclude, noActions }: Expectation, path: string): Found[] {
    const window = this.#actions.slice(this.#window);
    const shown = window.map(showAction);
    const found: Found[] = [];
    if (noActions && window.length > 0) {
      const message = `expected no actions, found ${window.length}: ${listed(window)}`;
      found.push({ path: `${path}.noActions`, message, actual: shown });
    }
    if (actions !== undefined) {
      if (actions.length !== window.length) {
        const message = `expected ${counted(actions.length, 'action')}, found ${window.length}: ${listed(window)}`;
        found.push({ path: `${path}.actions`, message, expected: [...actions], actual: shown });
      }
      for (const [index, expected] of actions.entries()) {
        const action = window[index];
        if (action === undefined) continue;
        this.#named.add(action);
        found.push(...foundIn(matchAction(expected, action), `${path}.actions[${index}]`));
      }
    }
    if (actionsInclude !== undefined) found.push(...this.#expectIncluded(actionsInclude, window, path));
    return found;
  }

  #expectIncluded(wanted: readonly Json[], window: readonly SeenAction[], path: string): Found[] {
    const partners = assign(wanted, window);
    return wanted.flatMap((expected, index) => {
      const partner = partners[index];
      if (partner !== undefined) {
        this.#named.add(partner);
        return [];
      }
      const message = `expected it among the ${counted(window.length, 'action')}: ${listed(window)}`;
      return [
        { path: `${path}.actionsInclude[${index}]`, message, expected, actual: window.map(showAction) },
      ];
    });
  }

  #unnamed(): Found[] {
    if (!this.#scenario.strict) return [];
    return this.#actions
      .filter((action) => !this.#named.has(action))
      .map((action) => ({
        path: 'strict',
        message: `no expectation names the action ${listed([action])}`,
        actual: showAction(action),
      }));
  }

  /** The model of a step; `kind` if the step is only for models of that kind. */
  #modelOf(who: Addressed, path: string, kind = who.modelKind ?? this.#scenario.modelKind): SimulatedModel {
    const { model } = who;
    const fitting = this.#models.filter((each) => kind === undefined || each.kind === kind);
    const name = model ?? this.#scenario.model;
    const [named, other] = fitting.filter(({ compiled }) => compiled.name === name);
    if (other !== undefined)
      throw new ScenarioError(
        `${path}: ${name} is the name of a detector model and of an alarm model; say which one with "kind"`,
      );
    if (named !== undefined) return named;
    const [only] = fitting;
    // The scenario's default model may be of the other kind than the step needs.
    if (
      only !== undefined &&
      fitting.length === 1 &&
      model === undefined &&
      (name === undefined || kind !== undefined)
    )
      return only;
    const there = fitting.map(({ compiled }) => compiled.name).join(', ') || 'none';
    throw new ScenarioError(
      name === undefined
        ? `${path}: there are the models ${there}; say which one with "model"`
        : `${path}.model: there is no ${kind ?? 'detector or alarm'} model ${name}, only ${there}`,
    );
  }

  /** The key may be omitted if the model has exactly one detector. */
  #keyOf({ key }: Addressed, model: SimulatedModel): string | undefined {
    if (model.compiled.key === undefined) return undefined;
    const named = key ?? this.#scenario.key;
    if (named !== undefined) return named;
    const instances = [...this.#simulator.instances()].filter((each) => each.model === model);
    return instances.length === 1 ? instances[0]?.keyValue : undefined;
  }
}

function failureOf(
  step: number,
  stepName: string | undefined,
  { path, message, expected, actual }: Found,
): Failure {
  return { step, stepName, path, message, expected, actual };
}

function foundIn(mismatches: readonly Mismatch[], path: string): Found[] {
  return mismatches.map((mismatch) => {
    const { expected, actual } = mismatch;
    return { path: `${path}${mismatch.path}`, message: describe(mismatch), expected, actual };
  });
}

/** `left` is how many seconds the timer still runs; undefined if it does not. */
function matchTimer(expected: Json, left: number | undefined, path: string): Found[] {
  if (expected !== true && expected !== false && expected !== null)
    return foundIn(match(expected, left), path);
  if ((expected === true) === (left !== undefined)) return [];
  const message =
    expected === true
      ? 'expected it to run, but it does not'
      : `expected it not to run, but it has ${left} s left`;
  return [{ path, message, expected, actual: left }];
}

/** `null` expects the value not to be set. */
function matchOptional(expected: Json, actual: Json | undefined): Mismatch[] {
  if (expected !== null) return match(expected, actual);
  return actual === undefined
    ? []
    : [
        {
          path: '',
          expected,
          actual,
          message: `expected it not to be set, found ${String(isValue(actual) ? renderText(actual) : actual)}`,
        },
      ];
}

function variablesOf({ model, detector }: Instance) {
  return new Map(
    model.kind === 'detector' && detector !== undefined ? namedVariables(model.compiled, detector) : [],
  );
}

function listed(actions: readonly SeenAction[]): string {
  if (actions.length === 0) return 'none';
  return actions
    .map(({ type, target, event, payload }) => `${type} ${target ?? ''} by "${event}": ${payload}`)
    .join('; ');
}

/** Assigns a different action to as many expectations as possible (maximum bipartite matching). */
function assign(wanted: readonly Json[], window: readonly SeenAction[]): (SeenAction | undefined)[] {
  const fits = wanted.map((expected) =>
    window.flatMap((action, at) => (matchAction(expected, action).length === 0 ? [at] : [])),
  );
  const taker = new Map<number, number>();
  const take = (index: number, tried: Set<number>): boolean =>
    (fits[index] ?? []).some((at) => {
      if (tried.has(at)) return false;
      tried.add(at);
      const holder = taker.get(at);
      if (holder !== undefined && !take(holder, tried)) return false;
      taker.set(at, index);
      return true;
    });
  for (const index of wanted.keys()) take(index, new Set());
  const partners = new Map([...taker].map(([at, index]) => [index, window[at]]));
  return wanted.map((_, index) => partners.get(index));
}
