import { parse, visit } from '../../core/expression/index.ts';
import type { CompiledEvent, CompiledModel } from '../../core/model/compiled.ts';
import type { SimulatedEvaluation } from '../evaluation.ts';
import type { SimulatedModel } from '../models.ts';

// Type aliases instead of interfaces, because TypeScript accepts only those as JSON.

/** What scenarios have reached of detector models, in the shape of `tripline test --coverage-json`. */
export type CoverageReport = {
  /** Percentage of all goals of all models, with one decimal. */
  readonly percent: number;
  readonly models: readonly ModelCoverage[];
};

export type ModelCoverage = {
  readonly modelName: string;
  readonly states: Covered<string>;
  readonly transitions: Covered<Uncovered>;
  readonly events: Covered<Uncovered>;
  readonly conditions: Covered<Uncovered & { readonly missing: readonly ('true' | 'false')[] }>;
};

export type Covered<U> = {
  readonly covered: number;
  readonly total: number;
  /** In the order of the definition. */
  readonly uncovered: readonly U[];
};

type Uncovered = {
  readonly place: string;
  readonly state: string;
  readonly eventName: string;
};

/** Collects what evaluations reach. Models with the same name count as one. */
export class Coverage {
  readonly #models = new Map<string, CompiledModel>();
  /** `state/<model>/<name>`, `taken/<model>/<place>`, `True/<model>/<place>`, `False/<model>/<place>`. */
  readonly #reached = new Set<string>();

  /** Adds models, whether or not any scenario runs them. */
  add(models: readonly SimulatedModel[]): void {
    for (const model of models) {
      if (model.kind === 'detector' && !this.#models.has(model.compiled.name))
        this.#models.set(model.compiled.name, model.compiled);
    }
  }

  /** Counts an evaluation, which must have a trace. */
  count({ model, stateBefore, stateAfter, trace }: SimulatedEvaluation): void {
    if (model.kind !== 'detector' || trace === undefined) return;
    const { name, states, initialState } = model.compiled;
    this.#reached.add(`state/${name}/${stateAfter}`);
    if (stateBefore === undefined) this.#reached.add(`state/${name}/${states[initialState]?.name}`);
    if (trace.transition !== undefined) this.#reached.add(`taken/${name}/${trace.transition.place}`);
    for (const { result, place } of trace.conditions) this.#reached.add(`${result}/${name}/${place}`);
  }

  report(): CoverageReport {
    const models = Array.from(this.#models.values(), (model) => this.#model(model));
    const parts = models.flatMap(({ states, transitions, events, conditions }) => [
      states,
      transitions,
      events,
      conditions,
    ]);
    const [covered, total] = [sum(parts.map((part) => part.covered)), sum(parts.map((part) => part.total))];
    return { percent: total === 0 ? 100 : Math.round((1000 * covered) / total) / 10, models };
  }

  #model(model: CompiledModel): ModelCoverage {
    const { name: modelName, states } = model;
    const transitions = states.flatMap((state) =>
      state.transitions.map((event) => ({ state: state.name, event })),
    );
    const events = states.flatMap(({ name, onEnter, onInput, onExit }) =>
      [...onEnter, ...onInput, ...onExit].map((event) => ({ state: name, event })),
    );
    const conditions = states.flatMap(({ name, onEnter, onInput, transitions: own, onExit }) =>
      [...onEnter, ...onInput, ...own, ...onExit]
        .filter(isGoal)
        .map((event) => ({ ...placeOf({ state: name, event }), missing: this.#missing(modelName, event) })),
    );
    const stateNames = states.map(({ name }) => name);
    const missing = sum(conditions.map((each) => each.missing.length));
    return {
      modelName,
      states: covering(stateNames, (name) => this.#reached.has(`state/${modelName}/${name}`)),
      transitions: covering(transitions.map(placeOf), ({ place }) =>
        this.#reached.has(`taken/${modelName}/${place}`),
      ),
      events: covering(events.map(placeOf), ({ place }) => this.#reached.has(`True/${modelName}/${place}`)),
      conditions: {
        covered: 2 * conditions.length - missing,
        total: 2 * conditions.length,
        uncovered: conditions.filter((each) => each.missing.length > 0),
      },
    };
  }

  #missing(modelName: string, { place }: CompiledEvent): ('true' | 'false')[] {
    const results = ['True', 'False'] as const;
    return results
      .filter((result) => !this.#reached.has(`${result}/${modelName}/${place}`))
      .map((result) => (result === 'True' ? 'true' : 'false'));
  }
}

interface StateEvent {
  readonly state: string;
  readonly event: CompiledEvent;
}

function placeOf({ state, event: { place, name } }: StateEvent): Uncovered {
  return { place, state, eventName: name };
}

function covering<U>(goals: readonly U[], isCovered: (goal: U) => boolean): Covered<U> {
  const uncovered = goals.filter((goal) => !isCovered(goal));
  return { covered: goals.length - uncovered.length, total: goals.length, uncovered };
}

/** A constant condition has only one possible result and is not a goal. */
function isGoal({ condition }: CompiledEvent): boolean {
  const parsed = condition === undefined ? undefined : parse(condition.text);
  if (!parsed?.ok) return false;
  let depends = false;
  visit(parsed.node, ({ kind }) => {
    if (kind === 'input' || kind === 'variable' || kind === 'sitewise' || kind === 'call') depends = true;
  });
  return depends;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
