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
 * A new version takes effect at once, and with it every detector of the model is deleted (reference: models 3.5), unless the
 * request says to keep those it can.
 */
export async function updateDetectorModel(
  service: Service,
  request: DefinitionRequest<'updateDetectorModel'>,
) {
  const { record, version, detectors } = await define(service, 'updateDetectorModel', request);
  return {
    // A preview has made no version to speak of.
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

/** Without a version: the newest. */
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

/** All versions and all detectors go. */
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
  const { items, nextToken } = pageOf(sorted, nameOf, request, service.limits.pageSize);
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
  // Newest first is ascending by what is left up to the greatest number.
  const textOf = (version: VersionOutline) => String(1e9 - Number(version.detectorModelVersion));
  const { items, nextToken } = pageOf(versions.toReversed(), textOf, request, service.limits.pageSize);
  const detectorModelVersionSummaries = items.map((version) => {
    const { detectorModelDescription: _, key: __, ...summary } = configuration(service, record, version);
    return summary;
  });
  return { detectorModelVersionSummaries, ...(nextToken !== undefined && { nextToken }) };
}

/** The answer to Create and Update, in the words of the service; by then the version is active (reference: models 3.4). */
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
