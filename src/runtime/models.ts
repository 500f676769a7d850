import { parseJson } from '../core/expression/json.ts';
import type { CompileProblem } from '../core/model/compile-expressions.ts';
import { type Change, type Row, StoreError } from '../store/store.ts';
import type { RunningModel } from './running.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What detector models and alarm models have in common. Times are milliseconds since the epoch. */
interface ModelRecordBase {
  readonly key?: string;
  readonly tags: readonly Tag[];
  readonly creationTime: number;
}

export type VersionStatus = 'ACTIVATING' | 'ACTIVE' | 'INACTIVE';

interface VersionRecordBase {
  readonly roleArn: string;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly status: VersionStatus;
}

/** A model with all its versions. */
export interface Versioned<R, V, M> {
  readonly record: R;
  /** Oldest first; the last one is the active one. */
  readonly versions: readonly V[];
  readonly active: M;
}

/** A change that is made and not yet durable: the rows that make it so, and how to take it back. */
export interface CatalogChange {
  readonly rows: readonly Change[];
  readonly undo: () => void;
}

/** How models of one kind are named, stored and started. */
export interface ModelKind<R, V, M> {
  nameOf(of: R | V): string;
  versionOf(version: V): string;
  modelKey(name: string): string;
  versionKey(name: string, version: string): string;
  run(
    record: R,
    version: V,
  ):
    | { readonly ok: true; readonly running: M }
    | { readonly ok: false; readonly problems: readonly CompileProblem[] };
}

/** The models of one kind, by name. */
export class Models<R extends ModelRecordBase, V extends VersionRecordBase, M extends RunningModel> {
  readonly #kind: ModelKind<R, V, M>;
  readonly #changed: () => void;
  readonly #models = new Map<string, Versioned<R, V, M>>();

  /** `changed` is called after every change. */
  constructor(kind: ModelKind<R, V, M>, changed: () => void) {
    this.#kind = kind;
    this.#changed = changed;
  }

  get(name: string): Versioned<R, V, M> | undefined {
    return this.#models.get(name);
  }

  has(name: string): boolean {
    return this.#models.has(name);
  }

  get size(): number {
    return this.#models.size;
  }

  /** In the order of their creation. */
  values(): Iterable<Versioned<R, V, M>> {
    return this.#models.values();
  }

  /** The models whose active version refers to the input. */
  usersOf(inputName: string): Versioned<R, V, M>[] {
    return [...this.values()].filter(({ active }) => active.compiled.inputs.has(inputName));
  }

  /** Adds a version and makes it the active one; the one before becomes INACTIVE (spec: model 3.4). */
  activate(record: R, version: V, active: M): CatalogChange {
    const name = this.#kind.nameOf(record);
    const before = this.#models.get(name);
    const versions = [...(before?.versions ?? []).map(retire), version];
    const changed = versions.filter((each, index) => each !== before?.versions[index]);
    return this.#replace(name, { record, versions, active }, [
      [this.#kind.modelKey(name), JSON.stringify(record)],
      ...changed.map((each): Change => [this.#versionKey(name, each), JSON.stringify(each)]),
    ]);
  }

  /** Replaces the tags of a model that there is. */
  tag(name: string, tags: readonly Tag[]): CatalogChange {
    const before = this.#models.get(name) as Versioned<R, V, M>;
    const record = { ...before.record, tags };
    const rows: Change[] = [[this.#kind.modelKey(name), JSON.stringify(record)]];
    return this.#replace(name, { ...before, record }, rows);
  }

  delete(name: string): CatalogChange {
    const versions = this.#models.get(name)?.versions ?? [];
    return this.#replace(name, undefined, [
      [this.#kind.modelKey(name), null],
      ...versions.map((each): Change => [this.#versionKey(name, each), null]),
    ]);
  }

  /** Puts back what the rows of models and versions say; the caller sees to what depends on them. */
  load(models: readonly Row[], versions: readonly Row[]): void {
    const byModel = new Map<string, V[]>();
    for (const [key, text] of versions) {
      const version = readRecord<V>(key, text);
      const name = this.#kind.nameOf(version);
      byModel.set(name, [...(byModel.get(name) ?? []), version]);
    }
    const records = models.map(([key, text]) => readRecord<R>(key, text));
    for (const record of records.sort((a, b) => a.creationTime - b.creationTime)) {
      const name = this.#kind.nameOf(record);
      const own = byModel.get(name) ?? [];
      const newest = own.at(-1);
      if (newest === undefined)
        throw new StoreError('CORRUPT', `${this.#kind.modelKey(name)} has no version`);
      const started = this.#kind.run(record, newest);
      if (!started.ok) {
        const why = started.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
        throw new StoreError('CORRUPT', `${this.#versionKey(name, newest)} does not compile: ${why}`);
      }
      this.#models.set(name, { record, versions: own, active: started.running });
    }
  }

  #versionKey(name: string, version: V): string {
    return this.#kind.versionKey(name, this.#kind.versionOf(version));
  }

  #replace(name: string, model: Versioned<R, V, M> | undefined, rows: readonly Change[]): CatalogChange {
    const before = this.#models.get(name);
    this.#set(name, model);
    return { rows, undo: () => this.#set(name, before) };
  }

  #set(name: string, model: Versioned<R, V, M> | undefined): void {
    if (model === undefined) this.#models.delete(name);
    else this.#models.set(name, model);
    this.#changed();
  }
}

function retire<V extends VersionRecordBase>(version: V): V {
  return version.status === 'INACTIVE' ? version : { ...version, status: 'INACTIVE' };
}

/** Throws StoreError for a row that is not what was written. */
export function readRecord<T>(key: string, text: string): T {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new StoreError('CORRUPT', `${key} cannot be read: ${parsed.message}`);
  return parsed.value as T;
}
