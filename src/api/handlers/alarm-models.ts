import { compileAlarmModel } from '../../core/alarm/compile.ts';
import type { CompiledAlarmModel } from '../../core/alarm/compiled.ts';
import type { AlarmModelDefinition } from '../../core/alarm/definition.ts';
import { inputOfProperty, isProperty } from '../../core/alarm/sitewise.ts';
import type { Limits } from '../../limits.ts';
import type { AlarmModel, AlarmModelRecord, AlarmVersionRecord } from '../../runtime/catalog.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Tag } from '../../runtime/models.ts';
import type { RunningAlarmModel } from '../../runtime/running.ts';
import { checkSize } from './definition-size.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, type Service } from './service.ts';
import { mergeTags } from './tags.ts';

/** The operations on alarm models (spec: alarms 1, api 2). */

interface Definable extends AlarmModelDefinition {
  readonly alarmModelName: string;
  readonly alarmModelDescription?: string;
  readonly roleArn: string;
}

export function createAlarmModel(
  service: Service,
  request: Definable & { readonly key?: string; readonly tags?: readonly Tag[] },
) {
  const { host, limits } = service;
  return host.command((turn) => {
    const { alarmModelName: name, key, tags = [] } = request;
    const { alarmModels } = host.catalog;
    if (alarmModels.has(name)) {
      const resource = { resourceId: name, resourceArn: arn(service, 'alarmModel', name) };
      throw new Fault(
        'ResourceAlreadyExistsException',
        `Alarm model of name: ${name} already exists`,
        resource,
      );
    }
    if (alarmModels.size >= limits.alarmModels) {
      const message = `Number of alarm models exceeds the limit ${limits.alarmModels}`;
      throw new Fault('LimitExceededException', message);
    }
    const record: AlarmModelRecord = {
      alarmModelName: name,
      ...(key !== undefined && { key }),
      tags: mergeTags([], tags, limits),
      creationTime: turn.now,
      epoch: host.catalog.nextEpoch(),
    };
    const version = newVersion(request, '1', turn.now);
    const running = start(service, record, version);
    turn.define(alarmModels.activate(record, version, running));
    return activating(service, version);
  });
}

/** A new version takes over the alarms there are, at their next data (spec: questions Q-ALARM-UPD). */
export function updateAlarmModel(service: Service, request: Definable) {
  const { host, limits } = service;
  return host.command((turn) => {
    const { record, versions } = findAlarmModel(service, request.alarmModelName);
    if (versions.length >= limits.alarmModelVersions) {
      const message = `Number of versions of the alarm model exceeds the limit ${limits.alarmModelVersions}`;
      throw new Fault('LimitExceededException', message);
    }
    const version = newVersion(request, String(versions.length + 1), turn.now);
    const running = start(service, record, version);
    turn.define(host.catalog.alarmModels.activate(record, version, running));
    turn.adopt(host.slots, running);
    return activating(service, version);
  });
}

/** Without a version: the newest. */
export function describeAlarmModel(
  service: Service,
  request: { readonly alarmModelName: string; readonly alarmModelVersion?: string },
) {
  return service.host.command(() => {
    const { alarmModelName: name, alarmModelVersion: wanted } = request;
    const { record, versions } = findAlarmModel(service, name);
    const version =
      wanted === undefined
        ? versions.at(-1)
        : versions.find(({ alarmModelVersion }) => alarmModelVersion === wanted);
    if (version === undefined) {
      const message = `Alarm model of name: ${name} and version: ${wanted} not found`;
      throw new Fault('ResourceNotFoundException', message);
    }
    const { key } = record;
    const { status, ...rest } = version;
    return {
      ...rest,
      alarmModelArn: arn(service, 'alarmModel', name),
      status: status as string,
      ...(key !== undefined && { key }),
    };
  });
}

/** All versions and all alarms go. */
export function deleteAlarmModel(service: Service, request: { readonly alarmModelName: string }) {
  const { host } = service;
  return host.command((turn) => {
    const { active } = findAlarmModel(service, request.alarmModelName);
    turn.drop(host.slots, active);
    turn.define(host.catalog.alarmModels.delete(request.alarmModelName));
    return {};
  });
}

export function listAlarmModels(service: Service, request: PageRequest) {
  const { host, limits } = service;
  return host.command(() => {
    const nameOf = ({ record }: AlarmModel) => record.alarmModelName;
    const sorted = [...host.catalog.alarmModels.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const { items, nextToken } = pageOf(sorted, nameOf, request, limits.pageSize);
    const alarmModelSummaries = items.map(({ record, versions }) => {
      const description = versions.at(-1)?.alarmModelDescription;
      return {
        alarmModelName: record.alarmModelName,
        ...(description !== undefined && { alarmModelDescription: description }),
        creationTime: record.creationTime,
      };
    });
    return { alarmModelSummaries, ...(nextToken !== undefined && { nextToken }) };
  });
}

/** Newest first. */
export function listAlarmModelVersions(
  service: Service,
  request: PageRequest & { readonly alarmModelName: string },
) {
  return service.host.command(() => {
    const { versions } = findAlarmModel(service, request.alarmModelName);
    // Newest first is ascending by what is left up to the greatest number.
    const textOf = (version: AlarmVersionRecord) => String(1e9 - Number(version.alarmModelVersion));
    const { items, nextToken } = pageOf(versions.toReversed(), textOf, request, service.limits.pageSize);
    const alarmModelVersionSummaries = items.map((version) => ({
      alarmModelName: version.alarmModelName,
      roleArn: version.roleArn,
      ...outline(service, version),
    }));
    return { alarmModelVersionSummaries, ...(nextToken !== undefined && { nextToken }) };
  });
}

export function findAlarmModel({ host }: Service, alarmModelName: string): AlarmModel {
  const model = host.catalog.alarmModels.get(alarmModelName);
  if (model === undefined)
    throw new Fault('ResourceNotFoundException', `Alarm model of name: ${alarmModelName} not found`);
  return model;
}

function newVersion(request: Definable, version: string, now: number): AlarmVersionRecord {
  const { alarmModelName, alarmModelDescription, roleArn, severity, alarmRule } = request;
  const { alarmNotification, alarmEventActions, alarmCapabilities } = request;
  return {
    alarmModelName,
    alarmModelVersion: version,
    ...(alarmModelDescription !== undefined && { alarmModelDescription }),
    roleArn,
    ...(severity !== undefined && { severity }),
    alarmRule,
    ...(alarmNotification !== undefined && { alarmNotification }),
    ...(alarmEventActions !== undefined && { alarmEventActions }),
    ...(alarmCapabilities !== undefined && { alarmCapabilities }),
    creationTime: now,
    lastUpdateTime: now,
    status: 'ACTIVE',
  };
}

/** The checks that every alarm model passes before it can run. */
function start(service: Service, record: AlarmModelRecord, version: AlarmVersionRecord): RunningAlarmModel {
  const { host, limits } = service;
  checkSize('Alarm model', version, limits);
  checkNumbers(version, limits);
  const compiled = compileAlarmModel({ ...version, ...record }, limits);
  if (!compiled.ok) {
    const message = compiled.problems.map((problem) => `${problem.message} (${problem.path})`).join('\n');
    throw new Fault('InvalidRequestException', message);
  }
  for (const inputName of compiled.model.inputs.keys()) {
    if (isProperty(inputName) || host.catalog.inputs.has(inputName)) continue;
    const message = `Alarm model contains reference to Input '${inputName}' that does not exist.`;
    throw new Fault('InvalidRequestException', message);
  }
  checkProperties(service, compiled.model);
  return { kind: 'alarm', epoch: record.epoch, roleArn: version.roleArn, compiled: compiled.model };
}

/** spec: quotas 1 and 3 */
function checkNumbers({ alarmEventActions, alarmNotification }: AlarmVersionRecord, limits: Limits): void {
  const notifications = alarmNotification?.notificationActions ?? [];
  check('actions of the alarm model', alarmEventActions?.alarmActions?.length, limits.actionsPerAlarmModel);
  check('notifications of the alarm model', notifications.length, limits.notificationsPerAlarmModel);
  for (const { emailConfigurations = [], smsConfigurations = [] } of notifications) {
    const people = [
      ...emailConfigurations.flatMap(({ recipients }) => recipients.to ?? []),
      ...smsConfigurations.flatMap(({ recipients }) => recipients),
    ];
    check('recipients of the notification', people.length, limits.recipientsPerNotification);
  }
}

function check(what: string, number = 0, limit: number): void {
  if (number <= limit) return;
  throw new Fault('LimitExceededException', `Number of ${what} exceeds the limit ${limit}`);
}

function checkProperties({ host, limits }: Service, model: CompiledAlarmModel): void {
  const limit = limits.alarmModelsPerSitewiseProperty;
  for (const { propertyId } of model.properties) {
    const others = host.catalog.alarmModels
      .usersOf(inputOfProperty(propertyId))
      .filter(({ record }) => record.alarmModelName !== model.name);
    if (others.length < limit) continue;
    const message = `Number of alarm models of SiteWise property ${propertyId} exceeds the limit ${limit}`;
    throw new Fault('LimitExceededException', message);
  }
}

/** The answer to Create and Update; by then the version is active. */
function activating(service: Service, version: AlarmVersionRecord) {
  return { ...outline(service, version), status: 'ACTIVATING' };
}

function outline(service: Service, version: AlarmVersionRecord) {
  return {
    alarmModelArn: arn(service, 'alarmModel', version.alarmModelName),
    alarmModelVersion: version.alarmModelVersion,
    creationTime: version.creationTime,
    lastUpdateTime: version.lastUpdateTime,
    status: version.status as string,
  };
}
