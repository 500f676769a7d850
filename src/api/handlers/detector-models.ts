import type { CompiledModel } from '../../core/model/compiled.ts';
import type { DetectorModelDefinition, EvaluationMethod } from '../../core/model/definition.ts';
import { normaliseDefinition } from '../../core/model/normalise.ts';
import type { Model, ModelRecord, VersionRecord } from '../../runtime/catalog.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Tag } from '../../runtime/models.ts';
import type { RunningDetectorModel } from '../../runtime/running.ts';
import { type PageRequest, pageOf } from './page.ts';
import { checkAndCompile } from './publish.ts';
import { arn, type Service } from './service.ts';
import { mergeTags } from './tags.ts';

/** The operations on detector models (spec: model 3, api 2). */

interface Definable {
  readonly detectorModelName: string;
  readonly detectorModelDefinition: DetectorModelDefinition;
  readonly detectorModelDescription?: string;
  readonly roleArn: string;
  readonly evaluationMethod?: EvaluationMethod;
}

export function createDetectorModel(
  service: Service,
  request: Definable & { readonly key?: string; readonly tags?: readonly Tag[] },
) {
  const { host, limits } = service;
  return host.command((turn) => {
    const { detectorModelName: name, key, tags = [] } = request;
    if (host.catalog.models.has(name)) {
      const resource = { resourceId: name, resourceArn: arn(service, 'detectorModel', name) };
      throw new Fault(
        'ResourceAlreadyExistsException',
        `Detector model of name: ${name} already exists`,
        resource,
      );
    }
    if (host.catalog.models.size >= limits.detectorModels) {
      const message = `Number of detector models exceeds the limit ${limits.detectorModels}`;
      throw new Fault('LimitExceededException', message);
    }
    const record: ModelRecord = {
      detectorModelName: name,
      ...(key !== undefined && { key }),
      tags: mergeTags([], tags, limits),
      creationTime: turn.now,
    };
    const version = newVersion(service, request, '1', turn.now);
    const compiled = checkAndCompile(service, { ...version, ...record });
    turn.define(host.catalog.models.activate(record, version, running(version, compiled)));
    return { detectorModelConfiguration: activating(service, record, version) };
  });
}

/** A new version takes effect at once, and with it every detector of the model is deleted (spec: model 3.5). */
export function updateDetectorModel(service: Service, request: Definable) {
  const { host, limits } = service;
  return host.command((turn) => {
    const { record, versions, active } = find(service, request.detectorModelName);
    if (versions.length >= limits.detectorModelVersions) {
      const message = `Number of versions of the detector model exceeds the limit ${limits.detectorModelVersions}`;
      throw new Fault('LimitExceededException', message);
    }
    const version = newVersion(service, request, String(versions.length + 1), turn.now);
    const compiled = checkAndCompile(service, { ...version, ...record });
    turn.drop(host.slots, active);
    turn.define(host.catalog.models.activate(record, version, running(version, compiled)));
    return { detectorModelConfiguration: activating(service, record, version) };
  });
}

/** Without a version: the newest. */
export function describeDetectorModel(
  service: Service,
  request: { readonly detectorModelName: string; readonly detectorModelVersion?: string },
) {
  return service.host.command(() => {
    const { detectorModelName: name, detectorModelVersion: wanted } = request;
    const { record, versions } = find(service, name);
    const version =
      wanted === undefined
        ? versions.at(-1)
        : versions.find(({ detectorModelVersion }) => detectorModelVersion === wanted);
    if (version === undefined) {
      const message = `Detector model of name: ${name} and version: ${wanted} not found`;
      throw new Fault('ResourceNotFoundException', message);
    }
    const { detectorModelDefinition } = version;
    const detectorModelConfiguration = configuration(service, record, version);
    return { detectorModel: { detectorModelDefinition, detectorModelConfiguration } };
  });
}

/** All versions and all detectors go. */
export function deleteDetectorModel(service: Service, request: { readonly detectorModelName: string }) {
  const { host } = service;
  return host.command((turn) => {
    const { active } = find(service, request.detectorModelName);
    turn.drop(host.slots, active);
    turn.define(host.catalog.models.delete(request.detectorModelName));
    return {};
  });
}

export function listDetectorModels(service: Service, request: PageRequest) {
  const { host, limits } = service;
  return host.command(() => {
    const nameOf = ({ record }: Model) => record.detectorModelName;
    const sorted = [...host.catalog.models.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const { items, nextToken } = pageOf(sorted, nameOf, request, limits.pageSize);
    const detectorModelSummaries = items.map(({ record, versions }) => {
      const description = versions.at(-1)?.detectorModelDescription;
      return {
        detectorModelName: record.detectorModelName,
        ...(description !== undefined && { detectorModelDescription: description }),
        creationTime: record.creationTime,
      };
    });
    return { detectorModelSummaries, ...(nextToken !== undefined && { nextToken }) };
  });
}

/** Newest first. */
export function listDetectorModelVersions(
  service: Service,
  request: PageRequest & { readonly detectorModelName: string },
) {
  return service.host.command(() => {
    const { record, versions } = find(service, request.detectorModelName);
    // Newest first is ascending by what is left up to the greatest number.
    const textOf = (version: VersionRecord) => String(1e9 - Number(version.detectorModelVersion));
    const { items, nextToken } = pageOf(versions.toReversed(), textOf, request, service.limits.pageSize);
    const detectorModelVersionSummaries = items.map((version) => {
      const { detectorModelDescription: _, key: __, ...summary } = configuration(service, record, version);
      return summary;
    });
    return { detectorModelVersionSummaries, ...(nextToken !== undefined && { nextToken }) };
  });
}

export function find({ host }: Service, detectorModelName: string): Model {
  const model = host.catalog.models.get(detectorModelName);
  if (model === undefined) {
    throw new Fault('ResourceNotFoundException', `Detector model of name: ${detectorModelName} not found`);
  }
  return model;
}

function running({ epoch, roleArn }: VersionRecord, compiled: CompiledModel): RunningDetectorModel {
  return { kind: 'detector', epoch, roleArn, compiled };
}

function newVersion(service: Service, request: Definable, version: string, now: number): VersionRecord {
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
    epoch: service.host.catalog.nextEpoch(),
  };
}

/** The answer to Create and Update, in the words of the service; by then the version is active (spec: model 3.4). */
function activating(service: Service, record: ModelRecord, version: VersionRecord) {
  return { ...configuration(service, record, version), status: 'ACTIVATING' };
}

function configuration(service: Service, record: ModelRecord, version: VersionRecord) {
  return {
    detectorModelName: record.detectorModelName,
    detectorModelVersion: version.detectorModelVersion,
    ...(version.detectorModelDescription !== undefined && {
      detectorModelDescription: version.detectorModelDescription,
    }),
    detectorModelArn: arn(service, 'detectorModel', record.detectorModelName),
    roleArn: version.roleArn,
    creationTime: version.creationTime,
    lastUpdateTime: version.lastUpdateTime,
    status: version.status as string,
    ...(record.key !== undefined && { key: record.key }),
    evaluationMethod: version.evaluationMethod,
  };
}
