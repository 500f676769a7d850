import { type Bindings, compile, type Evaluate, type Node, parse, references } from '../expression/index.ts';
import type { Value } from '../expression/value.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { ACTION_FIELDS, EXTERNAL_ACTION_TYPES, looksLikeExpression, readField } from './action-fields.ts';
import type {
  CompiledAction,
  CompiledEvent,
  CompiledExternalAction,
  CompiledModel,
  CompiledPayload,
  CompiledState,
  CompiledTransition,
  Condition,
  Places,
} from './compiled.ts';
import type {
  Action,
  DetectorModelDefinition,
  EvaluationMethod,
  Event,
  ExternalActionType,
  Payload,
  State,
  TransitionEvent,
} from './definition.ts';
import { parseJsonPath } from './json-path.ts';

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

/** `path` is relative to the definition: `states[0].onInput.events[1].actions[0]` (spec: analysis 2). */
export interface CompileProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Compiles a definition. Fails only on what cannot run at all (an expression that does not parse, a state that
 * does not exist); what may run but should not be published is the analysis' to say.
 */
export function compileModel(source: ModelSource, limits: Limits = DEFAULT_LIMITS): CompileResult {
  const compiler = new ModelCompiler(source.detectorModelDefinition, limits);
  const states = source.detectorModelDefinition.states.map((state, index) => compiler.state(state, index));
  const initialState = compiler.statePlace(
    source.detectorModelDefinition.initialStateName,
    'initialStateName',
  );
  if (compiler.problems.length > 0) return { ok: false, problems: compiler.problems };
  return {
    ok: true,
    model: {
      name: source.detectorModelName,
      version: source.detectorModelVersion,
      serial: source.evaluationMethod === 'SERIAL',
      key: source.key === undefined ? undefined : parseJsonPath(source.key),
      inputs: compiler.inputs,
      variables: compiler.variables,
      timers: compiler.timers,
      states,
      statePlaces: compiler.statePlaces,
      initialState,
    },
  };
}

/** Gives each name a place the first time it is asked for. */
class Allotment implements Places {
  readonly names: string[] = [];
  readonly places = new Map<string, number>();

  place(name: string): number {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    this.places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

class ModelCompiler {
  readonly problems: CompileProblem[] = [];
  readonly inputs = new Allotment();
  readonly variables = new Allotment();
  readonly timers = new Allotment();
  readonly statePlaces: ReadonlyMap<string, number>;
  readonly #limits: Limits;
  readonly #bindings: Bindings = {
    input: (name) => this.inputs.place(name),
    variable: (name) => this.variables.place(name),
    timer: (name) => this.timers.place(name),
  };

  constructor(definition: DetectorModelDefinition, limits: Limits) {
    this.#limits = limits;
    this.statePlaces = new Map(definition.states.map((state, index) => [state.stateName, index]));
  }

  state(state: State, index: number): CompiledState {
    const path = `states[${index}]`;
    return {
      name: state.stateName,
      onEnter: this.#events(state.onEnter?.events, `${path}.onEnter.events`),
      onInput: this.#events(state.onInput?.events, `${path}.onInput.events`),
      transitions: (state.onInput?.transitionEvents ?? []).map((event, at) =>
        this.#transition(event, `${path}.onInput.transitionEvents[${at}]`),
      ),
      onExit: this.#events(state.onExit?.events, `${path}.onExit.events`),
    };
  }

  statePlace(name: string, path: string): number {
    const place = this.statePlaces.get(name);
    if (place === undefined) this.problems.push({ path, message: `There is no state ${name}` });
    return place ?? -1;
  }

  #events(events: readonly Event[] | undefined, path: string): CompiledEvent[] {
    return (events ?? []).map((event, index) => this.#event(event, `${path}[${index}]`));
  }

  #event(event: Event, path: string): CompiledEvent {
    return {
      name: event.eventName,
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
    const node = this.#parse(text, path, 'condition');
    if (node === undefined) return { text, evaluate: () => undefined, reads: [] };
    const reads = new Map<string, Evaluate>();
    for (const { kind, node: reference } of references(node)) {
      if (kind !== 'input' && kind !== 'variable') continue;
      reads.set(text.slice(reference.start, reference.end), compile(reference, this.#bindings));
    }
    return {
      text,
      evaluate: compile(node, this.#bindings),
      reads: [...reads].map(([name, evaluate]) => ({ text: name, evaluate })),
    };
  }

  #action(action: Action, path: string): CompiledAction[] {
    const { setVariable, setTimer, resetTimer, clearTimer } = action;
    if (setVariable) {
      const variable = this.variables.place(setVariable.variableName);
      const value = this.#expression(setVariable.value, path, 'value');
      return [{ kind: 'setVariable', variable, value, text: setVariable.value }];
    }
    if (setTimer) {
      const timer = this.timers.place(setTimer.timerName);
      const { seconds, durationExpression = '' } = setTimer;
      const duration = seconds ?? this.#expression(durationExpression, path, 'durationExpression');
      return [{ kind: 'setTimer', timer, duration }];
    }
    if (resetTimer) return [{ kind: 'resetTimer', timer: this.timers.place(resetTimer.timerName) }];
    if (clearTimer) return [{ kind: 'clearTimer', timer: this.timers.place(clearTimer.timerName) }];
    const type = EXTERNAL_ACTION_TYPES.find((candidate) => action[candidate] !== undefined);
    if (type) return [this.#external(type, action, path)];
    this.problems.push({ path, message: 'The action has no type' });
    return [];
  }

  #external(type: ExternalActionType, action: Action, path: string): CompiledExternalAction {
    const parameters = action[type] ?? {};
    const literals: Record<string, Value> = {};
    const expressions: { name: string; evaluate: Evaluate }[] = [];
    for (const { name, mode } of ACTION_FIELDS[type]) {
      const text = readField(parameters as NonNullable<Action[ExternalActionType]>, name);
      if (text === undefined) continue;
      if (
        typeof text !== 'string' ||
        mode === 'literal' ||
        (mode === 'topic' && this.#isLiteralTopic(text))
      ) {
        literals[name] = text;
      } else {
        expressions.push({ name, evaluate: this.#expression(text, path, name) });
      }
    }
    const payload = 'payload' in parameters ? parameters.payload : undefined;
    return { kind: 'external', type, literals, expressions, payload: this.#payload(payload, path) };
  }

  #isLiteralTopic(text: string): boolean {
    return !looksLikeExpression(text) || !parse(text, this.#limits).ok;
  }

  #payload(payload: Payload | undefined, path: string): CompiledPayload | undefined {
    if (payload === undefined) return undefined;
    const { type, contentExpression: text } = payload;
    return { type, text, evaluate: this.#expression(text, path, 'contentExpression') };
  }

  #expression(text: string, path: string, field: string): Evaluate {
    const node = this.#parse(text, path, field);
    return node === undefined ? () => undefined : compile(node, this.#bindings);
  }

  /** Undefined once a problem is noted. */
  #parse(text: string, path: string, field: string): Node | undefined {
    const result = parse(text, this.#limits);
    if (!result.ok) {
      this.problems.push({ path, message: `${field}: ${result.error.message}` });
      return undefined;
    }
    if (references(result.node).some(({ kind }) => kind === 'sitewise')) {
      this.problems.push({ path, message: `${field}: $sitewise can only be used in alarm models` });
      return undefined;
    }
    return result.node;
  }
}
