import type { DefinitionRequest } from '../../runtime/catalog/definitions.ts';
import { findInput } from '../../runtime/catalog/inputs.ts';
import type { InputRecord } from '../../runtime/catalog/records.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, define, type Service } from './service.ts';

/** The operations on inputs (reference: models 2, api 2). */

export async function createInput(service: Service, request: DefinitionRequest<'createInput'>) {
  return { inputConfiguration: configuration(service, await define(service, 'createInput', request)) };
}

/** Replaces both definition and description. */
export async function updateInput(service: Service, request: DefinitionRequest<'updateInput'>) {
  return { inputConfiguration: configuration(service, await define(service, 'updateInput', request)) };
}

export async function describeInput(service: Service, { inputName }: { readonly inputName: string }) {
  const record = findInput(await service.host.catalog(), inputName);
  const { inputDefinition } = record;
  return { input: { inputConfiguration: configuration(service, record), inputDefinition } };
}

/** Refuses to delete an input that an active model references (reference: questions Q-INPUT-DELETE). */
export async function deleteInput(service: Service, request: DefinitionRequest<'deleteInput'>) {
  await define(service, 'deleteInput', request);
  return {};
}

export async function listInputs(service: Service, request: PageRequest) {
  const { inputs } = await service.host.catalog();
  const sorted = [...inputs.values()].sort((a, b) => (a.inputName < b.inputName ? -1 : 1));
  const { items, nextToken } = pageOf(
    'inputs',
    sorted,
    ({ inputName }) => inputName,
    request,
    service.limits.pageSize,
  );
  const inputSummaries = items.map((record) => configuration(service, record));
  return { inputSummaries, ...(nextToken !== undefined && { nextToken }) };
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
