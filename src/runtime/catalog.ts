import { parseJson } from '../expression/json.ts';
import type { Limits } from '../limits.ts';
import { compileModel } from '../model/compile.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { DetectorModelDefinition, EvaluationMethod, InputDefinition } from '../model/definition.ts';
import { type Change, type Row, StoreError } from '../store/store.ts';
import { inputKey, modelKey, versionKey } from './rows.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Times are milliseconds since the epoch. */
export interface InputRecord {
  readonly inputName: string;
  readonly inputDescription?: string;
  readonly inputDefinition: InputDefinition;
  readonly tags: readonly Tag[];
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

export interface ModelRecord {
  readonly detectorModelName: string;
  readonly key?: string;
  readonly tags: readonly Tag[];
  readonly creationTime: number;
}

export type VersionStatus = 'ACTIVATING' | 'ACTIVE' | 'INACTIVE';

export interface VersionRecord {
  readonly detectorModelName: string;
  readonly detectorModelVersion: string;
  readonly detectorModelDescription?: string;
  readonly detectorModelDefinition: DetectorModelDefinition;
  readonly roleArn: string;
  readonly evaluationMethod: EvaluationMethod;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly status: VersionStatus;
  /** Tells apart the detectors of different versions, and of models of one name over time. */
  readonly epoch: number;
}

export interface Model {
  readonly record: ModelRecord;
  /** Oldest first; the last one is the active one. */
  readonly versions: readonly VersionRecord[];
  readonly active: RunningModel;
}

/** The version of a model that receives messages. */
export interface RunningModel {
  readonly epoch: number;
  readonly compiled: CompiledModel;
  /** Under which its actions are sent with `--assume-role`. */
  readonly roleArn: string;
}

/**
 * Inputs and detector models: what is defined, and which models an input feeds. Every change answers with the
 * rows that make it durable and can be taken back until they are.
 */
export class Catalog {
  readonly inputs = new Map<string, InputRecord>();
  readonly models = new Map<string, Model>();
  readonly #limits: Limits;
  #routes = new Map<string, RunningModel[]>();
  #lastEpoch = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The running models that an input feeds, in the order of their creation (spec: model 3.7). */
  route(inputName: string): readonly RunningModel[] {
    return this.#routes.get(inputName) ?? [];
  }

  /** The models whose active version refers to the input. */
  usersOf(inputName: string): readonly Model[] {
    return [...this.models.values()].filter((model) => model.active.compiled.inputs.places.has(inputName));
  }

  putInput(record: InputRecord): CatalogChange {
    const before = this.inputs.get(record.inputName);
    this.inputs.set(record.inputName, record);
    return {
      rows: [[inputKey(record.inputName), JSON.stringify(record)]],
      undo: () => this.#restore(this.inputs, record.inputName, before),
    };
  }

  deleteInput(inputName: string): CatalogChange {
    const before = this.inputs.get(inputName);
    this.inputs.delete(inputName);
    return {
      rows: [[inputKey(inputName), null]],
      undo: () => this.#restore(this.inputs, inputName, before),
    };
  }

  nextEpoch(): number {
    return this.#lastEpoch + 1;
  }

  /** Adds a version and makes it the active one; the one before becomes INACTIVE (spec: model 3.4). */
  activate(record: ModelRecord, version: VersionRecord, compiled: CompiledModel): CatalogChange {
    const name = record.detectorModelName;
    const before = this.models.get(name);
    const earlier = (before?.versions ?? []).map(retire);
    const versions = [...earlier, version];
    const { epoch, roleArn } = version;
    this.models.set(name, { record, versions, active: { epoch, compiled, roleArn } });
    this.#lastEpoch = Math.max(this.#lastEpoch, version.epoch);
    this.#reroute();
    const changed = versions.filter((each, index) => each !== before?.versions[index]);
    return {
      rows: [
        [modelKey(name), JSON.stringify(record)],
        ...changed.map((each): Change => [versionKey(name, each.detectorModelVersion), JSON.stringify(each)]),
      ],
      undo: () => this.#restore(this.models, name, before),
    };
  }

  /** Replaces the tags of a model that there is. */
  tagModel(name: string, tags: readonly Tag[]): CatalogChange {
    const before = this.models.get(name) as Model;
    const record = { ...before.record, tags };
    this.models.set(name, { ...before, record });
    return {
      rows: [[modelKey(name), JSON.stringify(record)]],
      undo: () => this.#restore(this.models, name, before),
    };
  }

  deleteModel(name: string): CatalogChange {
    const before = this.models.get(name);
    this.models.delete(name);
    this.#reroute();
    return {
      rows: [
        [modelKey(name), null],
        ...(before?.versions ?? []).map(
          (each): Change => [versionKey(name, each.detectorModelVersion), null],
        ),
      ],
      undo: () => this.#restore(this.models, name, before),
    };
  }

  /** Puts back what `input/`, `model/` and `version/` rows say. */
  load(inputs: readonly Row[], models: readonly Row[], versions: readonly Row[]): void {
    for (const [key, text] of inputs) {
      const record = read<InputRecord>(key, text);
      this.inputs.set(record.inputName, record);
    }
    const byModel = new Map<string, VersionRecord[]>();
    for (const [key, text] of versions) {
      const version = read<VersionRecord>(key, text);
      const own = byModel.get(version.detectorModelName) ?? [];
      byModel.set(version.detectorModelName, [...own, version]);
    }
    const records = models.map(([key, text]) => read<ModelRecord>(key, text));
    for (const record of records.sort((a, b) => a.creationTime - b.creationTime)) {
      const name = record.detectorModelName;
      const own = byModel.get(name) ?? [];
      const newest = own.at(-1);
      if (newest === undefined) throw new StoreError('CORRUPT', `${modelKey(name)} has no version`);
      const compiled = compileModel({ ...newest, ...record }, this.#limits);
      if (!compiled.ok) {
        const why = compiled.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
        throw new StoreError(
          'CORRUPT',
          `${versionKey(name, newest.detectorModelVersion)} does not compile: ${why}`,
        );
      }
      this.#lastEpoch = Math.max(this.#lastEpoch, newest.epoch);
      this.models.set(name, {
        record,
        versions: own,
        active: { epoch: newest.epoch, compiled: compiled.model, roleArn: newest.roleArn },
      });
    }
    this.#reroute();
  }

  #restore<V>(map: Map<string, V>, key: string, before: V | undefined): void {
    if (before === undefined) map.delete(key);
    else map.set(key, before);
    this.#reroute();
  }

  #reroute(): void {
    this.#routes = new Map();
    for (const { active } of this.models.values()) {
      for (const inputName of active.compiled.inputs.names) {
        const routed = this.#routes.get(inputName);
        if (routed === undefined) this.#routes.set(inputName, [active]);
        else routed.push(active);
      }
    }
  }
}

export interface CatalogChange {
  readonly rows: readonly Change[];
  readonly undo: () => void;
}

function retire(version: VersionRecord): VersionRecord {
  return version.status === 'INACTIVE' ? version : { ...version, status: 'INACTIVE' };
}

function read<T>(key: string, text: string): T {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new StoreError('CORRUPT', `${key} cannot be read: ${parsed.message}`);
  return parsed.value as T;
}
