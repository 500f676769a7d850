import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import { type Evaluate, references } from '../expression/index.ts';
import { EXTERNAL_ACTION_TYPES } from './action-fields.ts';
import { type CompileProblem, type Dialect, ExpressionCompiler } from './compile-expressions.ts';
import type {
  CompiledAction,
  CompiledEvent,
  CompiledModel,
  CompiledState,
  CompiledTransition,
  Condition,
} from './compiled.ts';
import type {
  Action,
  DetectorModelDefinition,
  EvaluationMethod,
  Event,
  State,
  TransitionEvent,
} from './definition.ts';
import { parseJsonPath } from './json-path.ts';
import { rowLayoutOf } from './row-layout.ts';
import { finish, type Steps } from './steps.ts';

export interface ModelSource {
  readonly detectorModelName: string;
  readonly detectorModelVersion: string;
  readonly detectorModelDefinition: DetectorModelDefinition;
  readonly key?: string;
  readonly evaluationMethod?: EvaluationMethod;
}

export type CompileResult =
  | { readonly ok: true; readonly model: CompiledModel }
  | { readonly ok: false; readonly problems: readonly CompileProblem[] };

/** A definition compiled: a model but for its name, version, key and evaluation method. */
export type CompiledDefinition = Omit<CompiledModel, 'name' | 'version' | 'serial' | 'key'>;

export type CompiledDefinitionResult =
  | { readonly ok: true; readonly definition: CompiledDefinition }
  | { readonly ok: false; readonly problems: readonly CompileProblem[] };

/**
 * Compiles a definition. Fails only when the model cannot run at all (an expression does not parse, a state does not
 * exist); models that run but should not be published are left to the analysis.
 */
export function compileModel(source: ModelSource, limits: Limits = DEFAULT_LIMITS): CompileResult {
  const compiled = finish(compileInSteps(source.detectorModelDefinition, limits));
  return compiled.ok ? { ok: true, model: modelOf(compiled.definition, source) } : compiled;
}

/** Does what `compileModel` does with the definition. */
export function* compileInSteps(
  { states: definitions, initialStateName }: DetectorModelDefinition,
  limits: Limits,
): Steps<CompiledDefinitionResult> {
  const compiler = new ModelCompiler(definitions, limits);
  const states: CompiledState[] = [];
  for (const [index, state] of definitions.entries()) states.push(yield* compiler.state(state, index));
  const initialState = compiler.statePlace(initialStateName, 'initialStateName');
  const { problems, placeNames, inputs, attributes, variables, timers } = compiler.expressions;
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    definition: {
      placeNames,
      inputs: inputs.places,
      inputNames: inputs.names,
      attributes: attributes.byInput,
      attributePlaces: attributes.places,
      variables: variables.places,
      timers,
      states,
      statePlaces: compiler.statePlaces,
      initialState,
      row: rowLayoutOf(states, variables.places, attributes.byInput),
    },
  };
}

/** The model that a definition is under that name. */
export function modelOf(
  definition: CompiledDefinition,
  source: Omit<ModelSource, 'detectorModelDefinition'>,
): CompiledModel {
  return {
    name: source.detectorModelName,
    version: source.detectorModelVersion,
    serial: source.evaluationMethod === 'SERIAL',
    key: source.key === undefined ? undefined : parseJsonPath(source.key),
    ...definition,
  };
}

/** A placeholder that is never evaluated, because the model is rejected. */
const UNPARSED: Condition = {
  text: '',
  evaluate: () => undefined,
  explain: () => ({ value: undefined, parts: [] }),
  reads: [],
};

const DIALECT: Dialect = {
  refuses: ({ kind }) => (kind === 'sitewise' ? '$sitewise can only be used in alarm models' : undefined),
  sitewise: () => -1,
};

class ModelCompiler {
  readonly expressions: ExpressionCompiler;
  readonly statePlaces: ReadonlyMap<string, number>;

  constructor(states: readonly State[], limits: Limits) {
    this.expressions = new ExpressionCompiler(limits, DIALECT);
    this.statePlaces = new Map(states.map((state, index) => [state.stateName, index]));
  }

  *state(state: State, index: number): Steps<CompiledState> {
    const path = `states[${index}]`;
    const { onEnter, onInput, onExit } = state;
    return {
      name: state.stateName,
      onEnter: yield* this.#events(onEnter?.events, `${path}.onEnter.events`),
      onInput: yield* this.#events(onInput?.events, `${path}.onInput.events`),
      transitions: yield* this.#each(onInput?.transitionEvents, (event, at) =>
        this.#transition(event, `${path}.onInput.transitionEvents[${at}]`),
      ),
      onExit: yield* this.#events(onExit?.events, `${path}.onExit.events`),
    };
  }

  statePlace(name: string, path: string): number {
    const place = this.statePlaces.get(name);
    if (place === undefined) this.expressions.problems.push({ path, message: `There is no state ${name}` });
    return place ?? -1;
  }

  #events(events: readonly Event[] | undefined, path: string): Steps<CompiledEvent[]> {
    return this.#each(events, (event, index) => this.#event(event, `${path}[${index}]`));
  }

  *#each<T, R>(events: readonly T[] = [], compile: (event: T, index: number) => R): Steps<R[]> {
    const compiled: R[] = [];
    for (const [index, event] of events.entries()) {
      compiled.push(compile(event, index));
      yield;
    }
    return compiled;
  }

  #event(event: Event, path: string): CompiledEvent {
    return {
      name: event.eventName,
      place: path,
      condition: event.condition ? this.#condition(event.condition, path) : undefined,
      actions: (event.actions ?? []).flatMap((action, index) =>
        this.#action(action, `${path}.actions[${index}]`),
      ),
    };
  }

  #transition(event: TransitionEvent, path: string): CompiledTransition {
    return { ...this.#event(event, path), nextState: this.statePlace(event.nextState, path) };
  }

  #condition(text: string, path: string): Condition {
    const node = this.expressions.parse(text, path, 'condition');
    if (node === undefined) return UNPARSED;
    const reads = new Map<string, Evaluate>();
    for (const { kind, node: reference } of references(node)) {
      if (kind !== 'input' && kind !== 'variable') continue;
      reads.set(text.slice(reference.start, reference.end), this.expressions.compile(reference));
    }
    return {
      text,
      evaluate: this.expressions.compile(node),
      explain: this.expressions.explain(text, node),
      reads: [...reads].map(([reference, evaluate]) => ({ reference, evaluate })),
    };
  }

  #action(action: Action, path: string): CompiledAction[] {
    const { setVariable, setTimer, resetTimer, clearTimer } = action;
    if (setVariable) {
      const variable = this.expressions.variables.place(setVariable.variableName);
      const value = this.expressions.expression(setVariable.value, path, 'value');
      return [{ kind: 'setVariable', place: path, variable, value, text: setVariable.value }];
    }
    if (setTimer) {
      const timer = this.expressions.timers.place(setTimer.timerName);
      const { seconds, durationExpression = '' } = setTimer;
      const duration = seconds ?? this.expressions.expression(durationExpression, path, 'durationExpression');
      return [{ kind: 'setTimer', place: path, timer, duration }];
    }
    if (resetTimer) {
      const timer = this.expressions.timers.place(resetTimer.timerName);
      return [{ kind: 'resetTimer', place: path, timer }];
    }
    if (clearTimer) {
      const timer = this.expressions.timers.place(clearTimer.timerName);
      return [{ kind: 'clearTimer', place: path, timer }];
    }
    const type = EXTERNAL_ACTION_TYPES.find((candidate) => action[candidate] !== undefined);
    if (type) return [this.expressions.external(type, action, path)];
    this.expressions.problems.push({
      path,
      message: `The action has no known type: ${Object.keys(action).join(', ')}`,
    });
    return [];
  }
}
