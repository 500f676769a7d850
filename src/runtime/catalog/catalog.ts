import { compileAlarmModel } from '../../core/alarm/compile.ts';
import { isProperty } from '../../core/alarm/sitewise.ts';
import { runAlarmModel } from '../../core/engine/alarms.ts';
import { runDetectorModel } from '../../core/engine/detectors.ts';
import { routesOf } from '../../core/engine/routing.ts';
import type { RunningAlarmModel, RunningDetectorModel, RunningModel } from '../../core/engine/running.ts';
import { compileModel } from '../../core/model/compile.ts';
import type { Limits } from '../../limits.ts';
import type { Row } from '../../store/store.ts';
import { alarmModelKey, alarmVersionKey, LOGGING, modelKey, versionKey } from '../rows.ts';
import { Logging } from './logging.ts';
import type {
  AlarmModelRecord,
  AlarmVersionOutline,
  AlarmVersionRecord,
  InputRecord,
  ModelRecord,
  VersionOutline,
  VersionRecord,
} from './records.ts';
import { type ModelKind, ModelReader, readRecord, type Versioned } from './versioned.ts';

export type Model = Versioned<ModelRecord, VersionRecord, VersionOutline, RunningDetectorModel>;
export type AlarmModel = Versioned<
  AlarmModelRecord,
  AlarmVersionRecord,
  AlarmVersionOutline,
  RunningAlarmModel
>;

interface Contents {
  readonly inputs: ReadonlyMap<string, InputRecord>;
  readonly models: ReadonlyMap<string, Model>;
  readonly alarmModels: ReadonlyMap<string, AlarmModel>;
  readonly logging: Logging;
}

/**
 * The definitions at one moment, and which models each input feeds. Immutable: a definition makes a new catalog
 * (`definitions.ts`), so a caller that keeps the previous one can roll back.
 */
export class Catalog implements Contents {
  readonly inputs: Contents['inputs'];
  readonly models: Contents['models'];
  readonly alarmModels: Contents['alarmModels'];
  readonly logging: Logging;
  readonly #routes: Routes;
  readonly #lastEpoch: number;

  static readonly EMPTY = new Catalog(
    { inputs: new Map(), models: new Map(), alarmModels: new Map(), logging: new Logging(undefined) },
    0,
  );

  private constructor(contents: Contents, lastEpoch: number, routes?: Routes) {
    this.inputs = contents.inputs;
    this.models = contents.models;
    this.alarmModels = contents.alarmModels;
    this.logging = contents.logging;
    this.#routes = routes ?? routesOf(this.running());
    let last = lastEpoch;
    for (const { epoch } of this.running()) last = Math.max(last, epoch);
    this.#lastEpoch = last;
  }

  /** A copy with some contents replaced. */
  with(changed: Partial<Contents>): Catalog {
    const { inputs, models, alarmModels, logging } = this;
    const contents = { inputs, models, alarmModels, logging, ...changed };
    const isRouted = contents.models === this.models && contents.alarmModels === this.alarmModels;
    return new Catalog(contents, this.#lastEpoch, isRouted ? this.#routes : undefined);
  }

  /** The running models that an input feeds, each kind in the order of creation (reference: models 3.7). */
  route(inputName: string): readonly RunningModel[] {
    return this.#routes.get(inputName) ?? NONE;
  }

  /** Whether there is an input of that name, or a model that reads the SiteWise property of that name. */
  takes(inputName: string): boolean {
    return this.inputs.has(inputName) || (isProperty(inputName) && this.#routes.has(inputName));
  }

  /** The models whose active version references the input. */
  usersOf(inputName: string): {
    readonly models: readonly Model[];
    readonly alarmModels: readonly AlarmModel[];
  } {
    return {
      models: [...this.models.values()].filter(({ active }) => active.compiled.inputs.has(inputName)),
      alarmModels: [...this.alarmModels.values()].filter(({ active }) =>
        active.compiled.inputs.has(inputName),
      ),
    };
  }

  /** The running models: detector models, then alarm models. */
  *running(): Iterable<RunningModel> {
    for (const { active } of this.models.values()) yield active;
    for (const { active } of this.alarmModels.values()) yield active;
  }

  /** The epoch for a new version or model: greater than all earlier ones. */
  get nextEpoch(): number {
    return this.#lastEpoch + 1;
  }
}

type Routes = ReadonlyMap<string, readonly RunningModel[]>;

const NONE: readonly RunningModel[] = [];

/** Assembles a catalog from its rows, which must arrive in key order; other rows are ignored. */
export class CatalogReader {
  readonly #inputs: InputRecord[] = [];
  readonly #models: ModelReader<ModelRecord, VersionRecord, VersionOutline, RunningDetectorModel>;
  readonly #alarmModels: ModelReader<
    AlarmModelRecord,
    AlarmVersionRecord,
    AlarmVersionOutline,
    RunningAlarmModel
  >;
  #logging: string | undefined;

  constructor(limits: Limits) {
    this.#models = new ModelReader(detectorModels(limits));
    this.#alarmModels = new ModelReader(alarmModels(limits));
  }

  /** Throws StoreError. */
  add(row: Row): void {
    const [key, text] = row;
    switch (key.split('/', 1)[0]) {
      case 'input':
        this.#inputs.push(readRecord(key, text));
        break;
      case 'model':
        this.#models.addModel(row);
        break;
      case 'version':
        this.#models.addVersion(row);
        break;
      case 'alarm-model':
        this.#alarmModels.addModel(row);
        break;
      case 'alarm-version':
        this.#alarmModels.addVersion(row);
        break;
      case LOGGING:
        this.#logging = text;
    }
  }

  /** Throws StoreError. */
  catalog(): Catalog {
    return Catalog.EMPTY.with({
      inputs: new Map(this.#inputs.map((record) => [record.inputName, record])),
      models: this.#models.models(),
      alarmModels: this.#alarmModels.models(),
      logging: Logging.read(this.#logging),
    });
  }
}

export function detectorModels(
  limits: Limits,
): ModelKind<ModelRecord, VersionRecord, VersionOutline, RunningDetectorModel> {
  return {
    nameOf: ({ detectorModelName }) => detectorModelName,
    versionOf: ({ detectorModelVersion }) => detectorModelVersion,
    outlineOf: ({ detectorModelDefinition: _, ...outline }) => outline,
    modelKey,
    versionKey,
    run: (record, version) => {
      const compiled = compileModel({ ...version, ...record }, limits);
      if (!compiled.ok) return compiled;
      return { ok: true, running: runDetectorModel(compiled.model, version.epoch, version.roleArn) };
    },
  };
}

export function alarmModels(
  limits: Limits,
): ModelKind<AlarmModelRecord, AlarmVersionRecord, AlarmVersionOutline, RunningAlarmModel> {
  return {
    nameOf: ({ alarmModelName }) => alarmModelName,
    versionOf: ({ alarmModelVersion }) => alarmModelVersion,
    outlineOf: outlineOfAlarmModel,
    modelKey: alarmModelKey,
    versionKey: alarmVersionKey,
    run: (record, version) => {
      const compiled = compileAlarmModel({ ...version, ...record }, limits);
      if (!compiled.ok) return compiled;
      return { ok: true, running: runAlarmModel(compiled.model, record.epoch, version.roleArn) };
    },
  };
}

function outlineOfAlarmModel({
  alarmRule: _,
  alarmNotification: __,
  alarmEventActions: ___,
  alarmCapabilities: ____,
  severity: _____,
  ...outline
}: AlarmVersionRecord): AlarmVersionOutline {
  return outline;
}
