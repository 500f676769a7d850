import { detectorModels, type Model } from '../../runtime/catalog/catalog.ts';
import type { DefinitionRequest } from '../../runtime/catalog/definitions.ts';
import { findModel } from '../../runtime/catalog/detector-models.ts';
import type { ModelRecord, VersionOutline } from '../../runtime/catalog/records.ts';
import { wholeVersion } from '../../runtime/catalog/versioned.ts';
import { Fault } from '../../runtime/fault.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, define, type Service } from './service.ts';

/** The operations on detector models (reference: models 3, api 2). */

export async function createDetectorModel(
  service: Service,
  request: DefinitionRequest<'createDetectorModel'>,
) {
  const { record, version } = await define(service, 'createDetectorModel', request);
  return { detectorModelConfiguration: activating(service, record, version) };
}

/**
 * A new version takes effect at once and deletes every detector of the model (reference: models 3.5), unless the
 * request asks to keep those that fit.
 */
export async function updateDetectorModel(
  service: Service,
  request: DefinitionRequest<'updateDetectorModel'>,
) {
  const { record, version, detectors } = await define(service, 'updateDetectorModel', request);
  return {
    // A preview creates no version that could be returned.
    ...(request.keepDetectors !== 'preview' && {
      detectorModelConfiguration: activating(service, record, version),
    }),
    ...(detectors !== undefined && {
      detectors: {
        kept: detectors.kept,
        reset: detectors.reset,
        resetDetectors: detectors.resetInstances,
        attributesNotKept: detectors.attributesNotKept,
      },
    }),
  };
}

/** Without a version, describes the newest. */
export async function describeDetectorModel(
  service: Service,
  request: { readonly detectorModelName: string; readonly detectorModelVersion?: string },
) {
  const { detectorModelName: name, detectorModelVersion: wanted } = request;
  const { host, limits } = service;
  const model = findModel(await host.catalog(), name);
  const version =
    wanted === undefined
      ? model.newest
      : await wholeVersion(detectorModels(limits), model, wanted, (key) => host.row(key));
  if (version === undefined) {
    const message = `Detector model of name: ${name} and version: ${wanted} not found`;
    throw new Fault('ResourceNotFoundException', message);
  }
  const { detectorModelDefinition } = version;
  const detectorModelConfiguration = configuration(service, model.record, version);
  return { detectorModel: { detectorModelDefinition, detectorModelConfiguration } };
}

/** Deletes the model with all versions and detectors. */
export async function deleteDetectorModel(
  service: Service,
  request: DefinitionRequest<'deleteDetectorModel'>,
) {
  await define(service, 'deleteDetectorModel', request);
  return {};
}

export async function listDetectorModels(service: Service, request: PageRequest) {
  const { models } = await service.host.catalog();
  const nameOf = ({ record }: Model) => record.detectorModelName;
  const sorted = [...models.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const { items, nextToken } = pageOf('detector-models', sorted, nameOf, request, service.limits.pageSize);
  const detectorModelSummaries = items.map(({ record, newest }) => {
    const description = newest.detectorModelDescription;
    return {
      detectorModelName: record.detectorModelName,
      ...(description !== undefined && { detectorModelDescription: description }),
      creationTime: record.creationTime,
    };
  });
  return { detectorModelSummaries, ...(nextToken !== undefined && { nextToken }) };
}

/** Newest first. */
export async function listDetectorModelVersions(
  service: Service,
  request: PageRequest & { readonly detectorModelName: string },
) {
  const { record, versions } = findModel(await service.host.catalog(), request.detectorModelName);
  // Ascending by the complement of the number is newest first.
  const textOf = (version: VersionOutline) => String(1e9 - Number(version.detectorModelVersion));
  const list = `detector-models/${request.detectorModelName}/versions`;
  const { items, nextToken } = pageOf(list, versions.toReversed(), textOf, request, service.limits.pageSize);
  const detectorModelVersionSummaries = items.map((version) => {
    const { detectorModelDescription: _, key: __, ...summary } = configuration(service, record, version);
    return summary;
  });
  return { detectorModelVersionSummaries, ...(nextToken !== undefined && { nextToken }) };
}

/** The answer to Create and Update in the service's form; the version is active by then (reference: models 3.4). */
function activating(service: Service, record: ModelRecord, version: VersionOutline) {
  return { ...configuration(service, record, version), status: 'ACTIVATING' };
}

function configuration(service: Service, record: ModelRecord, version: VersionOutline) {
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
