import { encodeDetector } from '../../core/detector/codec.ts';
import type { ActionEffect } from '../../core/detector/effect.ts';
import { step } from '../../core/detector/step.ts';
import type { Detector, StepContext, StepResult, Trigger } from '../../core/detector/types.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { renderJson } from '../../core/expression/json.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { payloadOf } from '../payload.ts';
import { Attributes } from './attributes.ts';
import { KEY, type Move, movesOf } from './moves.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

/** What happens to one detector from its creation on. */
export type Path = readonly Move[];

export interface SearchResult {
  /** Together they reach all that was reached, and notice every mutant that was noticed. */
  readonly paths: readonly Path[];
  /** Places of transitions that the search did not take. */
  readonly missed: readonly string[];
}

export interface SearchOptions {
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** Configurations that are looked at; more take longer and may reach more. */
  readonly budget?: number;
}

const BUDGET = 700;
/** Configurations in a row that bring nothing new before the search gives up. */
const PATIENCE = 250;
const DEEPEST = 30;

/**
 * Looks for messages and waits that take every transition of a detector model and that tell it from its mutants. The
 * configurations that were met least come first; the same model gives the same paths.
 */
export function searchPaths(
  model: CompiledModel,
  definition: DetectorModelDefinition,
  { start, budget = BUDGET }: SearchOptions,
): SearchResult {
  const search = new Search(model, definition, start);
  search.run(budget);
  return search.result();
}

/** Where a detector has come to, and how. */
interface Node {
  readonly detector: Detector | undefined;
  readonly now: number;
  readonly path: Path;
  /** Mutants that look alike so far and are not: what they hold instead. */
  readonly unlike: ReadonlyMap<Mutant, Detector>;
}

/** Configurations in one state with the same timers and the same variables set. */
interface Kind {
  readonly waiting: Node[];
  looked: number;
}

class Search {
  readonly #model: CompiledModel;
  readonly #attributes: Attributes;
  readonly #start: number;
  readonly #alive: Set<Mutant>;
  readonly #all: readonly Mutant[];
  readonly #goals = new Set<string>();
  readonly #paths: Path[] = [];
  readonly #seen = new Set<string>();
  /** What waits to be looked at, by what it is like. */
  readonly #kinds = new Map<string, Kind>();

  constructor(model: CompiledModel, definition: DetectorModelDefinition, start: number) {
    this.#model = model;
    this.#attributes = new Attributes(model, definition);
    this.#start = start;
    this.#all = mutantsOf(model);
    this.#alive = new Set(this.#all);
  }

  run(budget: number): void {
    this.#expand({ detector: undefined, now: this.#start, path: [], unlike: new Map() });
    let idle = 0;
    for (let looked = 1; looked < budget && idle < PATIENCE; looked++) {
      const next = this.#take();
      if (next === undefined) return;
      const before = this.#paths.length;
      this.#expand(next);
      idle = this.#paths.length === before ? idle + 1 : 0;
    }
  }

  /** Of the kind that was looked at least, in turn the one that waits longest and the one that came last. */
  #take(): Node | undefined {
    let least: Kind | undefined;
    for (const kind of this.#kinds.values())
      if (kind.waiting.length > 0 && kind.looked < (least?.looked ?? Number.POSITIVE_INFINITY)) least = kind;
    if (least === undefined) return undefined;
    least.looked++;
    // The one leads everywhere near, the other far: to what counters have to count to.
    return least.looked % 2 === 1 ? least.waiting.shift() : least.waiting.pop();
  }

  result(): SearchResult {
    const taken = this.#goals;
    const places = this.#model.states.flatMap(({ transitions }) => transitions.map(({ place }) => place));
    return { paths: this.#choose(), missed: places.filter((place) => !taken.has(`taken ${place}`)) };
  }

  #expand(node: Node): void {
    if (node.path.length >= DEEPEST) return;
    for (const move of movesOf(this.#model, this.#attributes, node.detector, node.now)) this.#try(node, move);
  }

  #try(node: Node, move: Move): void {
    const now = node.now + move.wait;
    const path = [...node.path, move];
    const context = contextAt(now, path.length, true);
    const trigger = triggerOf(this.#model, move);
    const result = step(this.#model, node.detector, trigger, context);
    const seen = observe(this.#model, result);
    const conditions = result.trace?.conditions ?? [];
    const goals = conditions.map((each) => `${each.result} ${each.place}`);
    if (result.trace?.transition !== undefined) goals.push(`taken ${result.trace.transition.place}`);
    const isNew = goals.filter((goal) => !this.#goals.has(goal)).length > 0;
    for (const goal of goals) this.#goals.add(goal);

    const came = new Set(conditions.filter((each) => each.result !== 'Skipped').map(({ place }) => place));
    const unlike = new Map<Mutant, Detector>();
    let hasNoticed = false;
    let encoded: string | undefined;
    for (const mutant of this.#alive) {
      const own = node.unlike.get(mutant);
      if (own === undefined && !came.has(mutant.place)) continue;
      const other = step(mutant.model, own ?? node.detector, trigger, { ...context, trace: false });
      if (observe(mutant.model, other) !== seen) {
        this.#alive.delete(mutant);
        hasNoticed = true;
        continue;
      }
      encoded ??= encodeDetector(this.#model, result.detector);
      if (encodeDetector(mutant.model, other.detector) !== encoded) unlike.set(mutant, other.detector);
    }
    if (isNew || hasNoticed) this.#paths.push(path);
    const signature = signatureOf(this.#model, result.detector, unlike.size > 0);
    if (this.#seen.has(signature)) return;
    this.#seen.add(signature);
    const kind = kindOf(this.#model, result.detector);
    const known = this.#kinds.get(kind) ?? { waiting: [], looked: 0 };
    known.waiting.push({ detector: result.detector, now, path, unlike });
    this.#kinds.set(kind, known);
  }

  /** As few of the paths as do all that they do together. */
  #choose(): Path[] {
    const open = new Set<string>();
    const worth = this.#paths.map((path) => {
      const goals = this.#replay(path);
      for (const goal of goals) open.add(goal);
      return { path, goals };
    });
    const chosen: Path[] = [];
    while (open.size > 0) {
      let best = worth[0];
      let most = 0;
      for (const each of worth) {
        const count = each.goals.filter((goal) => open.has(goal)).length;
        if (count > most || (count === most && count > 0 && each.path.length < (best?.path.length ?? 0))) {
          best = each;
          most = count;
        }
      }
      if (best === undefined || most === 0) break;
      chosen.push(best.path);
      for (const goal of best.goals) open.delete(goal);
    }
    return chosen;
  }

  /** What a path reaches, and which mutants it notices. */
  #replay(path: Path): string[] {
    const goals = new Set<string>();
    let detector: Detector | undefined;
    let now = this.#start;
    const running = new Map<Mutant, Detector | undefined>(
      this.#all.filter((mutant) => !this.#alive.has(mutant)).map((mutant) => [mutant, undefined]),
    );
    for (const [index, move] of path.entries()) {
      now += move.wait;
      const context = contextAt(now, index + 1, true);
      const trigger = triggerOf(this.#model, move);
      const result = step(this.#model, detector, trigger, context);
      const seen = observe(this.#model, result);
      for (const { result: outcome, place } of result.trace?.conditions ?? [])
        goals.add(`${outcome} ${place}`);
      if (result.trace?.transition !== undefined) goals.add(`taken ${result.trace.transition.place}`);
      for (const [mutant, own] of running) {
        const other = step(mutant.model, own, trigger, { ...context, trace: false });
        if (observe(mutant.model, other) === seen) running.set(mutant, other.detector);
        else {
          running.delete(mutant);
          goals.add(mutant.name);
        }
      }
      detector = result.detector;
    }
    return [...goals];
  }
}

function contextAt(now: number, sequence: number, trace: boolean): StepContext {
  return { now, sequence, keyValue: KEY, limits: DEFAULT_LIMITS, trace };
}

function triggerOf(model: CompiledModel, move: Move): Trigger {
  if (move.kind === 'expiry') return { type: 'Timer', timerName: move.timerName };
  const input = model.inputs.get(move.inputName) ?? -1;
  return { type: 'Message', input, messageId: 'm', payload: payloadOf(move.payload) };
}

/** What a scenario can see of a step. */
function observe(model: CompiledModel, { detector, effects }: StepResult): string {
  const variables = namedVariables(model, detector).map(([name, value]) => `${name}=${renderJson(value)}`);
  const timers = detector.timers
    .filter(({ status }) => status === 'RUNNING')
    .map(({ name, expiresAt }) => `${name}@${expiresAt}`);
  return [detector.state, ...variables.sort(), ...timers.sort(), ...effects.map(observeEffect)].join('\n');
}

function observeEffect({ type, eventName, parameters, payload }: ActionEffect): string {
  // The default payload has the execution's id in it, and what else it has is seen in the detector.
  return [type, eventName, renderJson(parameters), payload.type === 'DEFAULT' ? '' : payload.text].join(' ');
}

/** Two configurations with the same signature lead to the same. */
function signatureOf(model: CompiledModel, detector: Detector, hasUnlike: boolean): string {
  const variables = namedVariables(model, detector).map(([name, value]) => `${name}=${renderJson(value)}`);
  return [kindOf(model, detector), ...variables.sort(), hasUnlike, heldAttributes(model, detector)].join(' ');
}

function kindOf(model: CompiledModel, detector: Detector): string {
  const timers = detector.timers.map(({ name, status }) => `${name} ${status}`);
  return [detector.state, namedVariables(model, detector).length, ...timers.sort()].join(' ');
}

function heldAttributes(model: CompiledModel, detector: Detector): string {
  return model.attributes
    .flat()
    .map(({ place }) => {
      const value = detector.at(place);
      return value === undefined ? '' : renderJson(value);
    })
    .join(' ');
}
