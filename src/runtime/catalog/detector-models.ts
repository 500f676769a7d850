import { runDetectorModel } from '../../core/engine/detectors.ts';
import type { RunningDetectorModel } from '../../core/engine/running.ts';
import type { KeptInstances } from '../../core/engine/turn.ts';
import type { DetectorModelDefinition, EvaluationMethod } from '../../core/model/definition.ts';
import { normaliseDefinition } from '../../core/model/normalise.ts';
import { Fault } from '../fault.ts';
import { type Catalog, detectorModels, type Model } from './catalog.ts';
import { checkAndCompile } from './check-detector-model.ts';
import type { Defined, DefinitionContext, InstanceChange } from './definition.ts';
import { mergeTags } from './merge-tags.ts';
import type { ModelRecord, Tag, VersionRecord } from './records.ts';
import { activate, withdraw } from './versioned.ts';

/** The definitions of detector models (reference: models 3). */

interface Definable {
  readonly detectorModelName: string;
  readonly detectorModelDefinition: DetectorModelDefinition;
  readonly detectorModelDescription?: string;
  readonly roleArn: string;
  readonly evaluationMethod?: EvaluationMethod;
}

/** A model and the version that was just created. */
export interface DefinedModel {
  readonly record: ModelRecord;
  readonly version: VersionRecord;
}

export function createDetectorModel(
  catalog: Catalog,
  request: Definable & { readonly key?: string; readonly tags?: readonly Tag[] },
  context: DefinitionContext,
): Defined<DefinedModel> {
  const { detectorModelName: name, key, tags = [] } = request;
  const { now, limits } = context;
  if (catalog.models.has(name)) {
    const message = `Detector model of name: ${name} already exists`;
    throw new Fault('ResourceAlreadyExistsException', message, { kind: 'detectorModel', name });
  }
  if (catalog.models.size >= limits.detectorModels) {
    const message = `Number of detector models exceeds the limit ${limits.detectorModels}`;
    throw new Fault('LimitExceededException', message);
  }
  const record: ModelRecord = {
    detectorModelName: name,
    ...(key !== undefined && { key }),
    tags: mergeTags([], tags, limits),
    creationTime: now,
  };
  return publish(catalog, record, newVersion(catalog, request, '1', now), context).defined;
}

/** An updated model, and the detectors that were kept if the request asked to keep any. */
export interface UpdatedModel extends DefinedModel {
  readonly detectors?: KeptInstances;
}

/**
 * A new version takes effect at once and deletes every detector of the model (reference: models 3.5); with
 * `keepDetectors`, detectors whose state exists in the new version are kept. A preview changes nothing.
 */
export function updateDetectorModel(
  catalog: Catalog,
  request: Definable & { readonly keepDetectors?: 'true' | 'false' | 'preview' },
  context: DefinitionContext,
): Defined<UpdatedModel> {
  const { now, limits } = context;
  const { record, versions, active } = findModel(catalog, request.detectorModelName);
  if (versions.length >= limits.detectorModelVersions) {
    const message = `Number of versions of the detector model exceeds the limit ${limits.detectorModelVersions}`;
    throw new Fault('LimitExceededException', message);
  }
  const version = newVersion(catalog, request, String(versions.length + 1), now);
  const { defined, running } = publish(catalog, record, version, context);
  const { keepDetectors = 'false' } = request;
  if (keepDetectors === 'false') return { ...defined, instances: { type: 'Drop', model: active } };
  const isPreview = keepDetectors === 'preview';
  return {
    ...(isPreview ? { ...defined, catalog, rows: [] } : defined),
    instances: { type: isPreview ? 'Preview' : 'Keep', from: active, to: running },
    withKept: (detectors) => ({ ...defined.result, detectors }),
  };
}

/** Deletes the model with all versions and detectors. */
export function deleteDetectorModel(
  catalog: Catalog,
  { detectorModelName }: { readonly detectorModelName: string },
  { limits }: DefinitionContext,
): Defined<undefined> {
  const model = findModel(catalog, detectorModelName);
  const { models, rows } = withdraw(detectorModels(limits), catalog.models, model);
  const instances: InstanceChange = { type: 'Drop', model: model.active };
  return { catalog: catalog.with({ models }), rows, instances, result: undefined };
}

/** Throws Fault when there is no such model. */
export function findModel(catalog: Catalog, detectorModelName: string): Model {
  const model = catalog.models.get(detectorModelName);
  if (model === undefined) {
    throw new Fault('ResourceNotFoundException', `Detector model of name: ${detectorModelName} not found`);
  }
  return model;
}

function publish(
  catalog: Catalog,
  record: ModelRecord,
  version: VersionRecord,
  { limits, checked }: DefinitionContext,
): { readonly defined: Defined<DefinedModel>; readonly running: RunningDetectorModel } {
  const compiled = checkAndCompile(catalog, { ...version, ...record }, limits, checked);
  const running = runDetectorModel(compiled, version.epoch, version.roleArn);
  const { models, rows } = activate(detectorModels(limits), catalog.models, record, version, running);
  return { defined: { catalog: catalog.with({ models }), rows, result: { record, version } }, running };
}

function newVersion(catalog: Catalog, request: Definable, version: string, now: number): VersionRecord {
  const { detectorModelName, detectorModelDescription, detectorModelDefinition, roleArn } = request;
  return {
    detectorModelName,
    detectorModelVersion: version,
    ...(detectorModelDescription !== undefined && { detectorModelDescription }),
    detectorModelDefinition: normaliseDefinition(detectorModelDefinition),
    roleArn,
    evaluationMethod: request.evaluationMethod ?? 'BATCH',
    creationTime: now,
    lastUpdateTime: now,
    status: 'ACTIVE',
    epoch: catalog.nextEpoch,
  };
}
