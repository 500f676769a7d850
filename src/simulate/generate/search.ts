import type { Detector } from '../../core/detector/types.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { renderJson } from '../../core/expression/json.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { isSame, looksAlike } from './alike.ts';
import { Attributes } from './attributes.ts';
import { chooseFew } from './choose.ts';
import { expiryOf, type Move, movesOf, nextTimer } from './moves.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { play } from './play.ts';
import { Probe } from './probe.ts';
import { seedsFor } from './seeds.ts';

/** Everything that happens to one detector, from its creation. */
export type Path = readonly Move[];

export interface SearchResult {
  /** Together they reach all goals that the search reached and detect every mutant that it detected. */
  readonly paths: readonly Path[];
  /** Places of transitions that the search did not take. */
  readonly missed: readonly string[];
}

export interface SearchOptions {
  /** In milliseconds since the epoch. */
  readonly start: number;
  /** The number of configurations to expand. More take longer and may reach more. */
  readonly budget?: number;
}

const BUDGET = 700;
/** The search stops after this many configurations in a row without progress. */
const PATIENCE = 250;
const DEEPEST = 30;
/** The maximum number of timers to let expire in a row. */
const MOST_EXPIRIES = 12;

/**
 * Searches for sequences of messages and waits that take every transition of a detector model and distinguish it from
 * its mutants. Rarely visited kinds of configurations are expanded first. Deterministic. If a transition cannot be
 * reached by messages and waits, the detector is set to a suitable state.
 */
export function searchPaths(
  model: CompiledModel,
  definition: DetectorModelDefinition,
  { start, budget = BUDGET }: SearchOptions,
): SearchResult {
  const search = new Search(model, definition, start);
  search.run(budget);
  search.runFromSeeds(budget);
  return search.result();
}

/** A configuration of the detector and the path to it. */
interface Node {
  readonly detector: Detector | undefined;
  readonly now: number;
  readonly path: Path;
  /** Mutants that have not been noticed but whose detectors differ, with these detectors. */
  readonly unlike: ReadonlyMap<Mutant, Detector>;
}

/** Configurations with the same state, timers and number of set variables. */
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
  readonly #probe: Probe;
  readonly #goals = new Set<string>();
  readonly #paths: Path[] = [];
  readonly #seen = new Set<string>();
  /** Configurations waiting to be expanded, by kind. */
  readonly #kinds = new Map<string, Kind>();
  /** For each state, the last new configuration in it. */
  readonly #samples = new Map<number, Detector>();

  constructor(model: CompiledModel, definition: DetectorModelDefinition, start: number) {
    this.#model = model;
    this.#attributes = new Attributes(model, definition);
    this.#start = start;
    this.#all = mutantsOf(model);
    this.#alive = new Set(this.#all);
    this.#probe = new Probe(model, this.#all);
  }

  run(budget: number): void {
    this.#expand(this.#root);
    this.#continue(budget);
  }

  /** Continues from artificial states, chosen to satisfy the condition of each missed transition. */
  runFromSeeds(budget: number): void {
    for (const place of this.#missed()) {
      // A previous seed may have reached this transition as well.
      if (this.#goals.has(`taken ${place}`)) continue;
      const seeds = seedsFor(this.#model, place, this.#attributes, this.#samples);
      const seed = seeds.find((move) => this.#leadsTo(place, move));
      if (seed === undefined) continue;
      this.#expand(this.#try(this.#root, seed));
      this.#continue(Math.ceil(budget / 4));
    }
  }

  /** Whether some next move after the seed takes the transition. */
  #leadsTo(place: string, seed: Move): boolean {
    const { detector } = play(this.#model, undefined, seed, this.#start, 1);
    return movesOf(this.#model, this.#attributes, detector, this.#start).some((move) => {
      this.#probe.reset();
      play(this.#probe.model, detector, move, this.#start + move.wait, 2);
      return this.#probe.goals.includes(`taken ${place}`);
    });
  }

  result(): SearchResult {
    const noticed = this.#all.filter((mutant) => !this.#alive.has(mutant));
    return {
      paths: chooseFew(this.#paths, (path) => this.#replay(path, noticed)),
      missed: this.#missed(),
    };
  }

  get #root(): Node {
    return { detector: undefined, now: this.#start, path: [], unlike: new Map() };
  }

  #missed(): string[] {
    const places = this.#model.states.flatMap(({ transitions }) => transitions.map(({ place }) => place));
    return places.filter((place) => !this.#goals.has(`taken ${place}`));
  }

  #continue(budget: number): void {
    let idle = 0;
    for (let looked = 1; looked < budget && idle < PATIENCE; looked++) {
      const next = this.#take();
      if (next === undefined) return;
      const before = this.#paths.length;
      this.#expand(next);
      idle = this.#paths.length === before ? idle + 1 : 0;
    }
  }

  /** Takes a configuration of the least expanded kind, alternating between its oldest and its newest. */
  #take(): Node | undefined {
    let least: Kind | undefined;
    for (const kind of this.#kinds.values())
      if (kind.waiting.length > 0 && kind.looked < (least?.looked ?? Number.POSITIVE_INFINITY)) least = kind;
    if (least === undefined) return undefined;
    least.looked++;
    // The oldest explores broadly, the newest goes deep, as counters require.
    return least.looked % 2 === 1 ? least.waiting.shift() : least.waiting.pop();
  }

  #expand(node: Node): void {
    if (node.path.length >= DEEPEST) return;
    for (const move of movesOf(this.#model, this.#attributes, node.detector, node.now)) this.#try(node, move);
    this.#letTimersExpire(node);
  }

  /** Lets timers expire one after the other: some fire only after others have fired many times. */
  #letTimersExpire(from: Node): void {
    const running = new Set(from.detector?.timers.flatMap((t) => (t.status === 'RUNNING' ? [t.name] : [])));
    if (running.size < 2) return;
    let node = from;
    for (let count = 0; count < MOST_EXPIRIES && node.path.length < DEEPEST && running.size > 0; count++) {
      const next = nextTimer(node.detector);
      if (next === undefined) return;
      node = this.#try(node, expiryOf(next, node.now));
      running.delete(next.name);
    }
  }

  #try(node: Node, move: Move): Node {
    const now = node.now + move.wait;
    const path = [...node.path, move];
    const probe = this.#probe;
    probe.reset();
    const result = play(probe.model, node.detector, move, now, path.length);
    const isNew = probe.goals.some((goal) => !this.#goals.has(goal));
    for (const goal of probe.goals) this.#goals.add(goal);

    const unlike = new Map<Mutant, Detector>();
    let hasNoticed = false;
    for (const mutant of new Set([...node.unlike.keys(), ...probe.suspects])) {
      if (!this.#alive.has(mutant)) continue;
      const own = node.unlike.get(mutant) ?? node.detector;
      const other = play(mutant.model, own, move, now, path.length);
      if (!looksAlike(this.#model, result, other)) {
        this.#alive.delete(mutant);
        hasNoticed = true;
      } else if (!isSame(this.#model, result.detector, other.detector)) unlike.set(mutant, other.detector);
    }
    if (isNew || hasNoticed) this.#paths.push(path);
    const reached = { detector: result.detector, now, path, unlike };
    const signature = signatureOf(this.#model, result.detector, unlike.size > 0);
    if (this.#seen.has(signature)) return reached;
    this.#seen.add(signature);
    this.#samples.set(result.detector.state, result.detector);
    const kind = kindOf(this.#model, result.detector);
    const known = this.#kinds.get(kind) ?? { waiting: [], looked: 0 };
    known.waiting.push(reached);
    this.#kinds.set(kind, known);
    return reached;
  }

  /** Returns the goals that a path reaches and the names of the mutants it detects. */
  #replay(path: Path, mutants: readonly Mutant[]): string[] {
    const goals = new Set<string>();
    let detector: Detector | undefined;
    let now = this.#start;
    const unlike = new Map<Mutant, Detector>();
    const running = new Set(mutants);
    for (const [index, move] of path.entries()) {
      now += move.wait;
      this.#probe.reset();
      const result = play(this.#probe.model, detector, move, now, index + 1);
      for (const goal of this.#probe.goals) goals.add(goal);
      for (const mutant of new Set([...unlike.keys(), ...this.#probe.suspects])) {
        if (!running.has(mutant)) continue;
        const other = play(mutant.model, unlike.get(mutant) ?? detector, move, now, index + 1);
        if (looksAlike(this.#model, result, other)) {
          unlike.set(mutant, other.detector);
          continue;
        }
        running.delete(mutant);
        goals.add(mutant.name);
      }
      detector = result.detector;
    }
    return [...goals];
  }
}

/** Configurations with the same signature behave alike. */
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
