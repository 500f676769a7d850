import type { RunningModel } from '../../core/engine/running.ts';
import { parseJson } from '../../core/expression/json.ts';
import type { CompileProblem } from '../../core/model/compile-expressions.ts';
import { type Change, type Row, StoreError } from '../../store/store.ts';
import type { Tag, VersionStatus } from './records.ts';

/** Common to detector models and alarm models. */
interface ModelBase {
  readonly key?: string;
  readonly tags: readonly Tag[];
  readonly creationTime: number;
}

interface VersionBase {
  readonly status: VersionStatus;
  readonly creationTime: number;
}

/** A model with all its versions. */
export interface Versioned<R, V, O, M> {
  readonly record: R;
  /**
   * Outlines, oldest first; the last one belongs to the active version. Definitions of former versions are only in the
   * store: hundreds of versions of a large one would not fit into memory. See `wholeVersion`.
   */
  readonly versions: readonly O[];
  /** The active version, with its definition. */
  readonly newest: V;
  readonly active: M;
}

/** The models of one kind by name, in order of creation. */
export type Models<R, V, O, M> = ReadonlyMap<string, Versioned<R, V, O, M>>;

/** How models of one kind are named, stored and compiled. */
export interface ModelKind<R, V extends O, O, M> {
  nameOf(of: R | O): string;
  versionOf(version: O): string;
  outlineOf(version: V): O;
  modelKey(name: string): string;
  versionKey(name: string, version: string): string;
  run(
    record: R,
    version: V,
  ):
    | { readonly ok: true; readonly running: M }
    | { readonly ok: false; readonly problems: readonly CompileProblem[] };
}

/** The changed models of one kind, and the rows that make the change durable. */
interface Changed<R, V, O, M> {
  readonly models: Models<R, V, O, M>;
  readonly rows: readonly Change[];
}

/** Adds a version and makes it active; the previous one becomes INACTIVE (reference: models 3.4). */
export function activate<R extends ModelBase, V extends O, O extends VersionBase, M extends RunningModel>(
  kind: ModelKind<R, V, O, M>,
  models: Models<R, V, O, M>,
  record: R,
  version: V,
  active: M,
): Changed<R, V, O, M> {
  const name = kind.nameOf(record);
  const before = models.get(name);
  const retired: V[] = before === undefined ? [] : [{ ...before.newest, status: 'INACTIVE' }];
  const changed = [...retired, version];
  const versions = [...(before?.versions.slice(0, -1) ?? []), ...changed.map(kind.outlineOf)];
  return {
    models: new Map(models).set(name, { record, versions, newest: version, active }),
    rows: [
      [kind.modelKey(name), JSON.stringify(record)],
      ...changed.map((each): Change => [kind.versionKey(name, kind.versionOf(each)), JSON.stringify(each)]),
    ],
  };
}

/** Replaces the tags of a model. */
export function retag<R extends ModelBase, V extends O, O extends VersionBase, M extends RunningModel>(
  kind: ModelKind<R, V, O, M>,
  models: Models<R, V, O, M>,
  model: Versioned<R, V, O, M>,
  tags: readonly Tag[],
): Changed<R, V, O, M> {
  const record = { ...model.record, tags };
  const name = kind.nameOf(record);
  return {
    models: new Map(models).set(name, { ...model, record }),
    rows: [[kind.modelKey(name), JSON.stringify(record)]],
  };
}

/** Deletes a model with all its versions. */
export function withdraw<R extends ModelBase, V extends O, O extends VersionBase, M extends RunningModel>(
  kind: ModelKind<R, V, O, M>,
  models: Models<R, V, O, M>,
  { record, versions }: Versioned<R, V, O, M>,
): Changed<R, V, O, M> {
  const name = kind.nameOf(record);
  const rest = new Map(models);
  rest.delete(name);
  return {
    models: rest,
    rows: [
      [kind.modelKey(name), null],
      ...versions.map((each): Change => [kind.versionKey(name, kind.versionOf(each)), null]),
    ],
  };
}

/**
 * A version with its definition, read from its row unless it is the newest one. Resolves with undefined when the
 * version does not exist, or was deleted in the meantime.
 */
export async function wholeVersion<R, V extends O, O extends VersionBase, M>(
  kind: ModelKind<R, V, O, M>,
  { versions, newest }: Versioned<R, V, O, M>,
  wanted: string,
  read: (key: string) => Promise<string | undefined>,
): Promise<V | undefined> {
  if (kind.versionOf(newest) === wanted) return newest;
  const outline = versions.find((each) => kind.versionOf(each) === wanted);
  if (outline === undefined) return undefined;
  const key = kind.versionKey(kind.nameOf(outline), wanted);
  const text = await read(key);
  const version = text === undefined ? undefined : readRecord<V>(key, text);
  // The model may have been deleted and created again under the same name.
  if (version?.creationTime !== outline.creationTime) return undefined;
  return { ...version, status: outline.status };
}

/** The versions of one model read so far. */
interface ReadVersions<O> {
  readonly outlines: O[];
  /** The row of the last version. */
  newest: Row;
}

/** Assembles the models of one kind from their rows; rows of versions must arrive in key order. */
export class ModelReader<R extends ModelBase, V extends O, O extends VersionBase, M extends RunningModel> {
  readonly #kind: ModelKind<R, V, O, M>;
  readonly #records: R[] = [];
  readonly #versions = new Map<string, ReadVersions<O>>();

  constructor(kind: ModelKind<R, V, O, M>) {
    this.#kind = kind;
  }

  /** Throws StoreError. */
  addModel([key, text]: Row): void {
    this.#records.push(readRecord<R>(key, text));
  }

  /** Throws StoreError. */
  addVersion(row: Row): void {
    const [key, text] = row;
    // An outline has no numbers that `JSON.parse` would change, and the definition is not kept here.
    const outline = this.#kind.outlineOf(orThrow(key, () => JSON.parse(text) as V));
    const name = this.#kind.nameOf(outline);
    const versions = this.#versions.get(name);
    if (versions === undefined) this.#versions.set(name, { outlines: [outline], newest: row });
    else {
      versions.outlines.push(outline);
      versions.newest = row;
    }
  }

  /** In order of creation. Throws StoreError. */
  models(): Models<R, V, O, M> {
    const models = new Map<string, Versioned<R, V, O, M>>();
    for (const record of this.#records.sort((a, b) => a.creationTime - b.creationTime)) {
      const name = this.#kind.nameOf(record);
      const versions = this.#versions.get(name);
      if (versions === undefined)
        throw new StoreError('CORRUPT', `${this.#kind.modelKey(name)} has no version`, { model: name });
      const newest = readRecord<V>(...versions.newest);
      const compiled = this.#kind.run(record, newest);
      if (!compiled.ok) {
        const why = compiled.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
        throw new StoreError('CORRUPT', `${versions.newest[0]} does not compile: ${why}`, { model: name });
      }
      models.set(name, { record, versions: versions.outlines, newest, active: compiled.running });
    }
    return models;
  }
}

/** Throws StoreError for a row that cannot be parsed. */
export function readRecord<T>(key: string, text: string): T {
  const parsed = parseJson(text);
  if (!parsed.ok) throw unreadable(key, parsed.message);
  return parsed.value as T;
}

function orThrow<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(key, error instanceof Error ? error.message : String(error));
  }
}

function unreadable(key: string, why: string): StoreError {
  return new StoreError('CORRUPT', `${key} cannot be read: ${why}`, { model: modelIn(key) });
}

/** The model's name in a version's key. */
function modelIn(key: string): string | undefined {
  return /^(?:alarm-)?(?:model|version)\/([^/]+)/.exec(key)?.[1];
}
