import { compileAlarmModel } from '../core/alarm/compile.ts';
import type { AlarmModelDefinition } from '../core/alarm/definition.ts';
import { isProperty } from '../core/alarm/sitewise.ts';
import { compileModel } from '../core/model/compile.ts';
import type { DetectorModelDefinition, EvaluationMethod, InputDefinition } from '../core/model/definition.ts';
import type { Limits } from '../limits.ts';
import type { Row } from '../store/store.ts';
import {
  type CatalogChange,
  type ModelKind,
  Models,
  readRecord,
  type Tag,
  type Versioned,
  type VersionStatus,
} from './models.ts';
import { alarmModelKey, alarmVersionKey, inputKey, modelKey, versionKey } from './rows.ts';
import type { RunningAlarmModel, RunningDetectorModel, RunningModel } from './running.ts';

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
  readonly epoch: number;
}

export interface AlarmModelRecord {
  readonly alarmModelName: string;
  readonly key?: string;
  readonly tags: readonly Tag[];
  readonly creationTime: number;
  readonly epoch: number;
}

export interface AlarmVersionRecord extends AlarmModelDefinition {
  readonly alarmModelName: string;
  readonly alarmModelVersion: string;
  readonly alarmModelDescription?: string;
  readonly roleArn: string;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly status: VersionStatus;
}

export type Model = Versioned<ModelRecord, VersionRecord, RunningDetectorModel>;
export type AlarmModel = Versioned<AlarmModelRecord, AlarmVersionRecord, RunningAlarmModel>;

/**
 * Inputs, detector models and alarm models: what is defined, and which models an input feeds. Every change answers
 * with the rows that make it durable and can be taken back until they are.
 */
export class Catalog {
  readonly inputs = new Map<string, InputRecord>();
  readonly models: Models<ModelRecord, VersionRecord, RunningDetectorModel>;
  readonly alarmModels: Models<AlarmModelRecord, AlarmVersionRecord, RunningAlarmModel>;
  #routes = new Map<string, RunningModel[]>();
  #lastEpoch = 0;

  constructor(limits: Limits) {
    const changed = () => this.#reroute();
    this.models = new Models(detectorModels(limits), changed);
    this.alarmModels = new Models(alarmModels(limits), changed);
  }

  /** The running models that an input feeds, each kind in the order of creation (spec: model 3.7). */
  route(inputName: string): readonly RunningModel[] {
    return this.#routes.get(inputName) ?? [];
  }

  /** Whether there is an input of that name, or a model that reads the SiteWise property it stands for. */
  takes(inputName: string): boolean {
    return this.inputs.has(inputName) || (isProperty(inputName) && this.#routes.has(inputName));
  }

  /** The running models, by epoch. */
  running(): Map<number, RunningModel> {
    const all = [...this.models.values(), ...this.alarmModels.values()];
    return new Map(all.map(({ active }) => [active.epoch, active]));
  }

  putInput(record: InputRecord): CatalogChange {
    const before = this.inputs.get(record.inputName);
    this.inputs.set(record.inputName, record);
    return {
      rows: [[inputKey(record.inputName), JSON.stringify(record)]],
      undo: () => this.#restoreInput(record.inputName, before),
    };
  }

  deleteInput(inputName: string): CatalogChange {
    const before = this.inputs.get(inputName);
    this.inputs.delete(inputName);
    return { rows: [[inputKey(inputName), null]], undo: () => this.#restoreInput(inputName, before) };
  }

  nextEpoch(): number {
    return this.#lastEpoch + 1;
  }

  /** Puts back what the rows say. */
  load(rows: {
    readonly inputs: readonly Row[];
    readonly models: readonly Row[];
    readonly versions: readonly Row[];
    readonly alarmModels: readonly Row[];
    readonly alarmVersions: readonly Row[];
  }): void {
    for (const [key, text] of rows.inputs) {
      const record = readRecord<InputRecord>(key, text);
      this.inputs.set(record.inputName, record);
    }
    this.models.load(rows.models, rows.versions);
    this.alarmModels.load(rows.alarmModels, rows.alarmVersions);
    this.#reroute();
  }

  #restoreInput(inputName: string, before: InputRecord | undefined): void {
    if (before === undefined) this.inputs.delete(inputName);
    else this.inputs.set(inputName, before);
  }

  #reroute(): void {
    this.#routes = new Map();
    for (const { active } of [...this.models.values(), ...this.alarmModels.values()]) {
      this.#lastEpoch = Math.max(this.#lastEpoch, active.epoch);
      for (const inputName of active.compiled.inputs.keys()) {
        const routed = this.#routes.get(inputName);
        if (routed === undefined) this.#routes.set(inputName, [active]);
        else routed.push(active);
      }
    }
  }
}

function detectorModels(limits: Limits): ModelKind<ModelRecord, VersionRecord, RunningDetectorModel> {
  return {
    nameOf: ({ detectorModelName }) => detectorModelName,
    versionOf: ({ detectorModelVersion }) => detectorModelVersion,
    modelKey,
    versionKey,
    run: (record, version) => {
      const compiled = compileModel({ ...version, ...record }, limits);
      if (!compiled.ok) return compiled;
      const { epoch, roleArn } = version;
      return { ok: true, running: { kind: 'detector', epoch, roleArn, compiled: compiled.model } };
    },
  };
}

function alarmModels(limits: Limits): ModelKind<AlarmModelRecord, AlarmVersionRecord, RunningAlarmModel> {
  return {
    nameOf: ({ alarmModelName }) => alarmModelName,
    versionOf: ({ alarmModelVersion }) => alarmModelVersion,
    modelKey: alarmModelKey,
    versionKey: alarmVersionKey,
    run: (record, version) => {
      const compiled = compileAlarmModel({ ...version, ...record }, limits);
      if (!compiled.ok) return compiled;
      const { roleArn } = version;
      return { ok: true, running: { kind: 'alarm', epoch: record.epoch, roleArn, compiled: compiled.model } };
    },
  };
}
