import type { RunningModel } from '../../core/engine/running.ts';
import { parseJson } from '../../core/expression/json.ts';
import type { CompileProblem } from '../../core/model/compile-expressions.ts';
import { type Change, type Row, StoreError } from '../../store/store.ts';
import type { Tag, VersionStatus } from './records.ts';

/** What detector models and alarm models have in common. */
interface ModelBase {
  readonly key?: string;
  readonly tags: readonly Tag[];
  readonly creationTime: number;
}

interface VersionBase {
  readonly status: VersionStatus;
}

/** A model with all its versions. */
export interface Versioned<R, V, M> {
  readonly record: R;
  /** Oldest first; the last one is the active one. */
  readonly versions: readonly V[];
  readonly active: M;
}

/** The models of one kind by name, in the order of their creation. */
export type Models<R, V, M> = ReadonlyMap<string, Versioned<R, V, M>>;

/** How models of one kind are named, stored and compiled. */
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

/** A change of the models of one kind: how they are then, and the rows that make it durable. */
interface Changed<R, V, M> {
  readonly models: Models<R, V, M>;
  readonly rows: readonly Change[];
}

/** Adds a version and makes it the active one; the one before becomes INACTIVE (reference: models 3.4). */
export function activate<R extends ModelBase, V extends VersionBase, M extends RunningModel>(
  kind: ModelKind<R, V, M>,
  models: Models<R, V, M>,
  record: R,
  version: V,
  active: M,
): Changed<R, V, M> {
  const name = kind.nameOf(record);
  const before = models.get(name);
  const versions = [...(before?.versions ?? []).map(retire), version];
  const changed = versions.filter((each, index) => each !== before?.versions[index]);
  return {
    models: new Map(models).set(name, { record, versions, active }),
    rows: [
      [kind.modelKey(name), JSON.stringify(record)],
      ...changed.map((each): Change => [kind.versionKey(name, kind.versionOf(each)), JSON.stringify(each)]),
    ],
  };
}

/** Replaces the tags of a model. */
export function retag<R extends ModelBase, V extends VersionBase, M extends RunningModel>(
  kind: ModelKind<R, V, M>,
  models: Models<R, V, M>,
  model: Versioned<R, V, M>,
  tags: readonly Tag[],
): Changed<R, V, M> {
  const record = { ...model.record, tags };
  const name = kind.nameOf(record);
  return {
    models: new Map(models).set(name, { ...model, record }),
    rows: [[kind.modelKey(name), JSON.stringify(record)]],
  };
}

/** Deletes a model with all its versions. */
export function withdraw<R extends ModelBase, V extends VersionBase, M extends RunningModel>(
  kind: ModelKind<R, V, M>,
  models: Models<R, V, M>,
  { record, versions }: Versioned<R, V, M>,
): Changed<R, V, M> {
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

/** What the rows of models and versions say. Throws StoreError. */
export function readModels<R extends ModelBase, V extends VersionBase, M extends RunningModel>(
  kind: ModelKind<R, V, M>,
  modelRows: readonly Row[],
  versionRows: readonly Row[],
): Models<R, V, M> {
  const models = new Map<string, Versioned<R, V, M>>();
  const byModel = new Map<string, V[]>();
  for (const [key, text] of versionRows) {
    const version = readRecord<V>(key, text);
    const name = kind.nameOf(version);
    byModel.set(name, [...(byModel.get(name) ?? []), version]);
  }
  const records = modelRows.map(([key, text]) => readRecord<R>(key, text));
  for (const record of records.sort((a, b) => a.creationTime - b.creationTime)) {
    const name = kind.nameOf(record);
    const versions = byModel.get(name) ?? [];
    const newest = versions.at(-1);
    if (newest === undefined)
      throw new StoreError('CORRUPT', `${kind.modelKey(name)} has no version`, { model: name });
    const compiled = kind.run(record, newest);
    if (!compiled.ok) {
      const why = compiled.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
      const key = kind.versionKey(name, kind.versionOf(newest));
      throw new StoreError('CORRUPT', `${key} does not compile: ${why}`, { model: name });
    }
    models.set(name, { record, versions, active: compiled.running });
  }
  return models;
}

function retire<V extends VersionBase>(version: V): V {
  return version.status === 'INACTIVE' ? version : { ...version, status: 'INACTIVE' };
}

/** Throws StoreError for a row that is not what was written. */
export function readRecord<T>(key: string, text: string): T {
  const parsed = parseJson(text);
  if (!parsed.ok)
    throw new StoreError('CORRUPT', `${key} cannot be read: ${parsed.message}`, { model: modelIn(key) });
  return parsed.value as T;
}

/** The name of the model whose row it is. */
function modelIn(key: string): string | undefined {
  return /^(?:alarm-)?(?:model|version)\/([^/]+)/.exec(key)?.[1];
}
