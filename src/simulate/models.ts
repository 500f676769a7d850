import { type AlarmModelSource, compileAlarmModel } from '../core/alarm/compile.ts';
import type { CompiledAlarmModel } from '../core/alarm/compiled.ts';
import { analyse, type Finding } from '../core/model/analysis/index.ts';
import { compileModel, type ModelSource } from '../core/model/compile.ts';
import type { CompiledModel } from '../core/model/compiled.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';

/** A compiled model with its definition. */
export type SimulatedModel =
  | { readonly kind: 'detector'; readonly compiled: CompiledModel; readonly source: DetectorModelRequest }
  | { readonly kind: 'alarm'; readonly compiled: CompiledAlarmModel; readonly source: AlarmModelRequest };

/** The members of create requests that a simulation needs. */
export type DetectorModelRequest = Omit<ModelSource, 'detectorModelVersion'>;
export type AlarmModelRequest = Omit<AlarmModelSource, 'alarmModelVersion'>;
export type ModelRequest = DetectorModelRequest | AlarmModelRequest;

/** What identifies a model: a detector model and an alarm model may have the same name. */
export interface ModelRef {
  readonly kind: SimulatedModel['kind'];
  readonly compiled: { readonly name: string };
}

/** Whether another of the models has the name of this one. */
export function sharesName(model: ModelRef, models: readonly ModelRef[]): boolean {
  return models.some(({ kind, compiled }) => compiled.name === model.compiled.name && kind !== model.kind);
}

export interface ModelProblem {
  readonly modelName: string;
  /** Path in the definition; empty for the whole definition. */
  readonly path: string;
  readonly message: string;
}

export type PrepareResult =
  | { readonly ok: true; readonly model: SimulatedModel }
  | { readonly ok: false; readonly problems: readonly ModelProblem[] };

/** Compiles a model. Returns all problems if it cannot run or if the analysis reports an ERROR. Never throws. */
export function prepareModel(request: ModelRequest, limits: Limits = DEFAULT_LIMITS): PrepareResult {
  return isAlarmModel(request) ? prepareAlarm(request, limits) : prepareDetector(request, limits);
}

export function isAlarmModel(request: ModelRequest): request is AlarmModelRequest {
  return 'alarmModelName' in request;
}

function prepareDetector(source: DetectorModelRequest, limits: Limits): PrepareResult {
  const modelName = source.detectorModelName;
  const context = { limits, hasInput: () => true };
  const errors = analyse(source.detectorModelDefinition, context).filter(({ level }) => level === 'ERROR');
  if (errors.length > 0) return { ok: false, problems: errors.map((error) => problemOf(modelName, error)) };
  const result = compileModel({ ...source, detectorModelVersion: '1' }, limits);
  if (result.ok) return { ok: true, model: { kind: 'detector', compiled: result.model, source } };
  return { ok: false, problems: result.problems.map((problem) => ({ modelName, ...problem })) };
}

function prepareAlarm(source: AlarmModelRequest, limits: Limits): PrepareResult {
  const modelName = source.alarmModelName;
  const result = compileAlarmModel({ ...source, alarmModelVersion: '1' }, limits);
  if (result.ok) return { ok: true, model: { kind: 'alarm', compiled: result.model, source } };
  return { ok: false, problems: result.problems.map((problem) => ({ modelName, ...problem })) };
}

function problemOf(modelName: string, { message, locations, detail }: Finding): ModelProblem {
  const path = locations.map((location) => location.path).join(', ');
  return { modelName, path, message: detail === undefined ? message : `${message}\n${detail}` };
}

/** Names of all inputs that the models read, in the order of models and of first use. */
export function inputsOf(models: readonly SimulatedModel[]): string[] {
  return [...new Set(models.flatMap(({ compiled }) => [...compiled.inputs.keys()]))];
}
