import type { AlarmModelDefinition } from '../../core/alarm/definition.ts';
import type {
  DetectorModelDefinition,
  EvaluationMethod,
  InputDefinition,
} from '../../core/model/definition.ts';

/** The definitions, in the shape of the catalog's rows. Times are milliseconds since the epoch. */

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface InputRecord {
  readonly inputName: string;
  readonly inputDescription?: string;
  readonly inputDefinition: InputDefinition;
  readonly tags: readonly Tag[];
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

export type VersionStatus = 'ACTIVATING' | 'ACTIVE' | 'INACTIVE';

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

/** A version without its definition, which can be large. */
export type VersionOutline = Omit<VersionRecord, 'detectorModelDefinition'>;

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

export type AlarmVersionOutline = Omit<AlarmVersionRecord, keyof AlarmModelDefinition>;
