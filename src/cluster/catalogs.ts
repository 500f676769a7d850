import type { RunningModel } from '../core/engine/running.ts';
import type { Limits } from '../limits.ts';
import { type Catalog, CatalogReader, detectorModels } from '../runtime/catalog/catalog.ts';
import type { VersionRecord } from '../runtime/catalog/records.ts';
import { readRecord } from '../runtime/catalog/versioned.ts';
import { versionKey } from '../runtime/rows.ts';
import type { Row } from '../store/store.ts';
import type { ReadAnswer, ReadRequest } from './contract.ts';

/** A version of the catalog, compiled. */
export interface CatalogVersion {
  readonly version: number;
  readonly catalog: Catalog;
  readonly rows: readonly Row[];
  /** Its running models, by epoch. */
  readonly models: ReadonlyMap<number, RunningModel>;
  /**
   * The version of a model that had this epoch, and the one that took over its instances; undefined for any other
   * epoch.
   */
  takenOver(epoch: number): TakeOver | undefined;
}

export interface TakeOver {
  readonly from: RunningModel;
  readonly to: RunningModel;
}

const TAKEN_OVER = 'taken-over';

/**
 * The row with the epoch from which a version of a model has taken over instances; only the latest one of each model.
 */
export function takenOverKey(modelName: string): string {
  return `${TAKEN_OVER}/${modelName}`;
}

export interface TakenOverRow {
  readonly from: number;
  readonly to: number;
}

/** Number of compiled versions cached by a process. */
const KEPT = 8;

/**
 * The versions of the catalog that this process has seen, each compiled once. A version never changes, so it may be
 * fetched outside an invocation's journal.
 */
export class Catalogs {
  readonly #limits: Limits;
  readonly #fetch: (request: ReadRequest) => Promise<ReadAnswer>;
  readonly #versions = new Map<number, CatalogVersion>();
  #newest: CatalogVersion;
  #asking: Promise<CatalogVersion> | undefined;
  #askingNext: Promise<CatalogVersion> | undefined;
  /** The last tried version. */
  #candidate: CatalogVersion | undefined;

  constructor(limits: Limits, fetch: (request: ReadRequest) => Promise<ReadAnswer>) {
    this.#limits = limits;
    this.#fetch = fetch;
    this.#newest = compile(0, [], limits);
    this.#keep(this.#newest);
  }

  /** The newest version that this process has seen. */
  get seen(): CatalogVersion {
    return this.#newest;
  }

  /**
   * Resolves with that version, or with the newest one when it is no longer stored. Before a definition that changes
   * instances is answered, every slot learns its version: so for a slot with an older one the models are the same in
   * both.
   */
  async at(version: number): Promise<CatalogVersion> {
    const known = this.#candidate?.version === version ? this.#candidate : this.#versions.get(version);
    if (known !== undefined) return known;
    const { rows } = await this.#fetch({ version });
    if (rows !== undefined && version < 0) {
      this.#candidate = compile(version, rows, this.#limits);
      return this.#candidate;
    }
    return rows === undefined ? this.newest() : this.#keep(compile(version, rows, this.#limits));
  }

  /** Resolves with the newest version. Calls that arrive while one is in progress share the next one. */
  newest(): Promise<CatalogVersion> {
    if (this.#asking === undefined) {
      this.#asking = this.#askNewest().finally(() => {
        this.#asking = undefined;
      });
      return this.#asking;
    }
    this.#askingNext ??= this.#asking
      .catch(() => {})
      .then(() => {
        this.#askingNext = undefined;
        return this.newest();
      });
    return this.#askingNext;
  }

  async #askNewest(): Promise<CatalogVersion> {
    const { version, rows } = await this.#fetch({ known: this.#newest.version });
    if (rows === undefined) return this.#versions.get(version) ?? this.#newest;
    return this.#keep(compile(version, rows, this.#limits));
  }

  #keep(compiled: CatalogVersion): CatalogVersion {
    this.#versions.set(compiled.version, compiled);
    if (compiled.version >= this.#newest.version) this.#newest = compiled;
    for (const version of this.#versions.keys())
      if (version < this.#newest.version - KEPT) this.#versions.delete(version);
    return compiled;
  }
}

export function compile(version: number, rows: readonly Row[], limits: Limits): CatalogVersion {
  const reader = new CatalogReader(limits);
  for (const row of rows) reader.add(row);
  const catalog = reader.catalog();
  const models = new Map(Array.from(catalog.running(), (model) => [model.epoch, model]));
  const takenOver = (epoch: number) => takeOverOf(epoch, catalog, rows, limits);
  return { version, catalog, rows, models, takenOver };
}

function takeOverOf(
  epoch: number,
  catalog: Catalog,
  rows: readonly Row[],
  limits: Limits,
): TakeOver | undefined {
  for (const [key, text] of rows) {
    if (!key.startsWith(`${TAKEN_OVER}/`)) continue;
    const { from, to } = JSON.parse(text) as TakenOverRow;
    const model = [...catalog.models.values()].find(({ active }) => active.epoch === to);
    const outline = model?.versions.find((each) => each.epoch === epoch);
    if (from !== epoch || model === undefined || outline === undefined) continue;
    const row = versionKey(outline.detectorModelName, outline.detectorModelVersion);
    const former = readRecord<VersionRecord>(row, rowOf({ rows }, row) ?? '');
    const compiled = detectorModels(limits).run(model.record, former);
    return compiled.ok ? { from: compiled.running, to: model.active } : undefined;
  }
  return undefined;
}

export function rowOf({ rows }: Pick<CatalogVersion, 'rows'>, key: string): string | undefined {
  return rows.find(([each]) => each === key)?.[1];
}
