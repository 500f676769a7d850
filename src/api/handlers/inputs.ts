import type { InputDefinition } from '../../core/model/definition.ts';
import type { InputRecord } from '../../runtime/catalog.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Tag } from '../../runtime/models.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, type Service } from './service.ts';
import { mergeTags } from './tags.ts';

/** The operations on inputs (spec: model 2, api 2). */

export function createInput(
  service: Service,
  request: {
    readonly inputName: string;
    readonly inputDescription?: string;
    readonly inputDefinition: InputDefinition;
    readonly tags?: readonly Tag[];
  },
) {
  const { host, limits } = service;
  return host.command((turn) => {
    const { inputName, inputDescription, inputDefinition, tags = [] } = request;
    if (host.catalog.inputs.has(inputName)) {
      const resource = { resourceId: inputName, resourceArn: arn(service, 'input', inputName) };
      const message = `Input of name: ${inputName} already exists`;
      throw new Fault('ResourceAlreadyExistsException', message, resource);
    }
    if (host.catalog.inputs.size >= limits.inputs) {
      throw new Fault('LimitExceededException', `Number of inputs exceeds the limit ${limits.inputs}`);
    }
    const record: InputRecord = {
      inputName,
      ...(inputDescription !== undefined && { inputDescription }),
      inputDefinition,
      tags: mergeTags([], tags, limits),
      creationTime: turn.now,
      lastUpdateTime: turn.now,
    };
    turn.define(host.catalog.putInput(record));
    return { inputConfiguration: configuration(service, record) };
  });
}

/** Replaces definition and description whole. */
export function updateInput(
  service: Service,
  request: {
    readonly inputName: string;
    readonly inputDescription?: string;
    readonly inputDefinition: InputDefinition;
  },
) {
  const { host } = service;
  return host.command((turn) => {
    const { inputName, inputDescription, inputDefinition } = request;
    const { tags, creationTime } = findInput(service, inputName);
    const record: InputRecord = {
      inputName,
      ...(inputDescription !== undefined && { inputDescription }),
      inputDefinition,
      tags,
      creationTime,
      lastUpdateTime: turn.now,
    };
    turn.define(host.catalog.putInput(record));
    return { inputConfiguration: configuration(service, record) };
  });
}

export function describeInput(service: Service, { inputName }: { readonly inputName: string }) {
  return service.host.command(() => {
    const record = findInput(service, inputName);
    const { inputDefinition } = record;
    return { input: { inputConfiguration: configuration(service, record), inputDefinition } };
  });
}

/** An input that an active model refers to stays (spec: questions Q-INPUT-DELETE). */
export function deleteInput(service: Service, { inputName }: { readonly inputName: string }) {
  const { host } = service;
  return host.command((turn) => {
    findInput(service, inputName);
    const { models, alarmModels } = host.catalog;
    const users = models.usersOf(inputName).map(({ record }) => record.detectorModelName);
    const alarmUsers = alarmModels.usersOf(inputName).map(({ record }) => record.alarmModelName);
    const inUse = [
      ...(users.length > 0 ? [`detector model: ${users.join(', ')}`] : []),
      ...(alarmUsers.length > 0 ? [`alarm model: ${alarmUsers.join(', ')}`] : []),
    ];
    if (inUse.length > 0) {
      const message = `Input of name: ${inputName} is in use by ${inUse.join(' and ')}`;
      throw new Fault('ResourceInUseException', message);
    }
    turn.define(host.catalog.deleteInput(inputName));
    return {};
  });
}

export function listInputs(service: Service, request: PageRequest) {
  const { host, limits } = service;
  return host.command(() => {
    const sorted = [...host.catalog.inputs.values()].sort((a, b) => (a.inputName < b.inputName ? -1 : 1));
    const { items, nextToken } = pageOf(sorted, ({ inputName }) => inputName, request, limits.pageSize);
    const inputSummaries = items.map((record) => configuration(service, record));
    return { inputSummaries, ...(nextToken !== undefined && { nextToken }) };
  });
}

export function findInput({ host }: Service, inputName: string): InputRecord {
  const record = host.catalog.inputs.get(inputName);
  if (record === undefined)
    throw new Fault('ResourceNotFoundException', `Input of name: ${inputName} not found`);
  return record;
}

function configuration(service: Service, record: InputRecord) {
  const { inputName, inputDescription, creationTime, lastUpdateTime } = record;
  return {
    inputName,
    ...(inputDescription !== undefined && { inputDescription }),
    inputArn: arn(service, 'input', inputName),
    creationTime,
    lastUpdateTime,
    status: 'ACTIVE',
  };
}
