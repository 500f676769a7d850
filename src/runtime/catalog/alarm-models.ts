import { actionProblems } from '../../core/alarm/action-problems.ts';
import type { CompiledAlarmModel } from '../../core/alarm/compiled.ts';
import type { AlarmModelDefinition } from '../../core/alarm/definition.ts';
import { inputOfProperty, isProperty } from '../../core/alarm/sitewise.ts';
import type { RunningAlarmModel } from '../../core/engine/running.ts';
import type { Limits } from '../../limits.ts';
import { Fault } from '../fault.ts';
import { type AlarmModel, alarmModels, type Catalog } from './catalog.ts';
import type { Defined, DefinitionContext } from './definition.ts';
import { checkSize } from './definition-size.ts';
import { mergeTags } from './merge-tags.ts';
import type { AlarmModelRecord, AlarmVersionRecord, Tag } from './records.ts';
import { activate, withdraw } from './versioned.ts';

/** The definitions of alarm models (reference: alarms 1). */

interface Definable extends AlarmModelDefinition {
  readonly alarmModelName: string;
  readonly alarmModelDescription?: string;
  readonly roleArn: string;
}

export interface DefinedAlarmModel {
  readonly record: AlarmModelRecord;
  readonly version: AlarmVersionRecord;
}

export function createAlarmModel(
  catalog: Catalog,
  request: Definable & { readonly key?: string; readonly tags?: readonly Tag[] },
  { now, limits }: DefinitionContext,
): Defined<DefinedAlarmModel> {
  const { alarmModelName: name, key, tags = [] } = request;
  if (catalog.alarmModels.has(name)) {
    const message = `Alarm model of name: ${name} already exists`;
    throw new Fault('ResourceAlreadyExistsException', message, { kind: 'alarmModel', name });
  }
  if (catalog.alarmModels.size >= limits.alarmModels) {
    const message = `Number of alarm models exceeds the limit ${limits.alarmModels}`;
    throw new Fault('LimitExceededException', message);
  }
  const record: AlarmModelRecord = {
    alarmModelName: name,
    ...(key !== undefined && { key }),
    tags: mergeTags([], tags, limits),
    creationTime: now,
    epoch: catalog.nextEpoch,
  };
  const version = newVersion(request, '1', now);
  return publish(catalog, record, version, checkAndRun(catalog, record, version, limits), limits);
}

/**
 * A new version takes over the existing alarms; it applies from their next data on (reference: questions Q-ALARM-UPD).
 */
export function updateAlarmModel(
  catalog: Catalog,
  request: Definable,
  { now, limits }: DefinitionContext,
): Defined<DefinedAlarmModel> {
  const { record, versions } = findAlarmModel(catalog, request.alarmModelName);
  if (versions.length >= limits.alarmModelVersions) {
    const message = `Number of versions of the alarm model exceeds the limit ${limits.alarmModelVersions}`;
    throw new Fault('LimitExceededException', message);
  }
  const version = newVersion(request, String(versions.length + 1), now);
  const running = checkAndRun(catalog, record, version, limits);
  const defined = publish(catalog, record, version, running, limits);
  return { ...defined, instances: { type: 'Adopt', model: running } };
}

/** Deletes the model with all versions and alarms. */
export function deleteAlarmModel(
  catalog: Catalog,
  { alarmModelName }: { readonly alarmModelName: string },
  { limits }: DefinitionContext,
): Defined<undefined> {
  const model = findAlarmModel(catalog, alarmModelName);
  const { models, rows } = withdraw(alarmModels(limits), catalog.alarmModels, model);
  return {
    catalog: catalog.with({ alarmModels: models }),
    rows,
    instances: { type: 'Drop', model: model.active },
    result: undefined,
  };
}

/** Throws Fault when there is no such model. */
export function findAlarmModel(catalog: Catalog, alarmModelName: string): AlarmModel {
  const model = catalog.alarmModels.get(alarmModelName);
  if (model === undefined)
    throw new Fault('ResourceNotFoundException', `Alarm model of name: ${alarmModelName} not found`);
  return model;
}

function publish(
  catalog: Catalog,
  record: AlarmModelRecord,
  version: AlarmVersionRecord,
  running: RunningAlarmModel,
  limits: Limits,
): Defined<DefinedAlarmModel> {
  const { models, rows } = activate(alarmModels(limits), catalog.alarmModels, record, version, running);
  return { catalog: catalog.with({ alarmModels: models }), rows, result: { record, version } };
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

/** The checks that an alarm model must pass before it can run. Throws Fault. */
function checkAndRun(
  catalog: Catalog,
  record: AlarmModelRecord,
  version: AlarmVersionRecord,
  limits: Limits,
): RunningAlarmModel {
  checkSize('Alarm model', version, limits);
  checkNumbers(version, limits);
  const compiled = alarmModels(limits).run(record, version);
  const problems = compiled.ok ? actionProblems(version, limits) : compiled.problems;
  if (!compiled.ok || problems.length > 0) {
    const message = problems.map((problem) => `${problem.message} (${problem.path})`).join('\n');
    throw new Fault('InvalidRequestException', message);
  }
  const { running } = compiled;
  for (const inputName of running.compiled.inputs.keys()) {
    if (isProperty(inputName) || catalog.inputs.has(inputName)) continue;
    const message = `Alarm model contains reference to Input '${inputName}' that does not exist.`;
    throw new Fault('InvalidRequestException', message);
  }
  checkProperties(catalog, running.compiled, limits.alarmModelsPerSitewiseProperty);
  return running;
}

/** reference: limits */
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

function checkProperties(catalog: Catalog, model: CompiledAlarmModel, limit: number): void {
  for (const { propertyId } of model.properties) {
    const others = catalog
      .usersOf(inputOfProperty(propertyId))
      .alarmModels.filter(({ record }) => record.alarmModelName !== model.name);
    if (others.length < limit) continue;
    const message = `Number of alarm models of SiteWise property ${propertyId} exceeds the limit ${limit}`;
    throw new Fault('LimitExceededException', message);
  }
}
