import { findAlarmModel } from '../../runtime/catalog/alarm-models.ts';
import { type AlarmModel, alarmModels } from '../../runtime/catalog/catalog.ts';
import type { DefinitionRequest } from '../../runtime/catalog/definitions.ts';
import type { AlarmVersionOutline } from '../../runtime/catalog/records.ts';
import { wholeVersion } from '../../runtime/catalog/versioned.ts';
import { Fault } from '../../runtime/fault.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, define, type Service } from './service.ts';

/** The operations on alarm models (reference: alarms 1, api 2). */

export async function createAlarmModel(service: Service, request: DefinitionRequest<'createAlarmModel'>) {
  const { version } = await define(service, 'createAlarmModel', request);
  return activating(service, version);
}

/**
 * A new version takes over the existing alarms; it applies from their next data on (reference: questions Q-ALARM-UPD).
 */
export async function updateAlarmModel(service: Service, request: DefinitionRequest<'updateAlarmModel'>) {
  const { version } = await define(service, 'updateAlarmModel', request);
  return activating(service, version);
}

/** Without a version, describes the newest. */
export async function describeAlarmModel(
  service: Service,
  request: { readonly alarmModelName: string; readonly alarmModelVersion?: string },
) {
  const { alarmModelName: name, alarmModelVersion: wanted } = request;
  const { host, limits } = service;
  const model = findAlarmModel(await host.catalog(), name);
  const version =
    wanted === undefined
      ? model.newest
      : await wholeVersion(alarmModels(limits), model, wanted, (key) => host.row(key));
  if (version === undefined) {
    const message = `Alarm model of name: ${name} and version: ${wanted} not found`;
    throw new Fault('ResourceNotFoundException', message);
  }
  const { key } = model.record;
  const { status, ...rest } = version;
  return {
    ...rest,
    alarmModelArn: arn(service, 'alarmModel', name),
    status: status as string,
    ...(key !== undefined && { key }),
  };
}

/** Deletes the model with all versions and alarms. */
export async function deleteAlarmModel(service: Service, request: DefinitionRequest<'deleteAlarmModel'>) {
  await define(service, 'deleteAlarmModel', request);
  return {};
}

export async function listAlarmModels(service: Service, request: PageRequest) {
  const { alarmModels } = await service.host.catalog();
  const nameOf = ({ record }: AlarmModel) => record.alarmModelName;
  const sorted = [...alarmModels.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const { items, nextToken } = pageOf('alarm-models', sorted, nameOf, request, service.limits.pageSize);
  const alarmModelSummaries = items.map(({ record, newest }) => {
    const description = newest.alarmModelDescription;
    return {
      alarmModelName: record.alarmModelName,
      ...(description !== undefined && { alarmModelDescription: description }),
      creationTime: record.creationTime,
    };
  });
  return { alarmModelSummaries, ...(nextToken !== undefined && { nextToken }) };
}

/** Newest first. */
export async function listAlarmModelVersions(
  service: Service,
  request: PageRequest & { readonly alarmModelName: string },
) {
  const { versions } = findAlarmModel(await service.host.catalog(), request.alarmModelName);
  // Ascending by the complement of the number is newest first.
  const textOf = (version: AlarmVersionOutline) => String(1e9 - Number(version.alarmModelVersion));
  const list = `alarm-models/${request.alarmModelName}/versions`;
  const { items, nextToken } = pageOf(list, versions.toReversed(), textOf, request, service.limits.pageSize);
  const alarmModelVersionSummaries = items.map((version) => ({
    alarmModelName: version.alarmModelName,
    roleArn: version.roleArn,
    ...outline(service, version),
  }));
  return { alarmModelVersionSummaries, ...(nextToken !== undefined && { nextToken }) };
}

/** The answer to Create and Update; the version is active by then. */
function activating(service: Service, version: AlarmVersionOutline) {
  return { ...outline(service, version), status: 'ACTIVATING' };
}

function outline(service: Service, version: AlarmVersionOutline) {
  return {
    alarmModelArn: arn(service, 'alarmModel', version.alarmModelName),
    alarmModelVersion: version.alarmModelVersion,
    creationTime: version.creationTime,
    lastUpdateTime: version.lastUpdateTime,
    status: version.status as string,
  };
}
