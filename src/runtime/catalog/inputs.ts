import type { InputDefinition } from '../../core/model/definition.ts';
import { Fault } from '../fault.ts';
import { inputKey } from '../rows.ts';
import type { Catalog } from './catalog.ts';
import type { Defined, DefinitionContext } from './definition.ts';
import { mergeTags } from './merge-tags.ts';
import type { InputRecord, Tag } from './records.ts';

/** The definitions of inputs (reference: models 2). */

interface InputRequest {
  readonly inputName: string;
  readonly inputDescription?: string;
  readonly inputDefinition: InputDefinition;
}

export function createInput(
  catalog: Catalog,
  { tags = [], ...request }: InputRequest & { readonly tags?: readonly Tag[] },
  { now, limits }: DefinitionContext,
): Defined<InputRecord> {
  const { inputName } = request;
  if (catalog.inputs.has(inputName)) {
    const message = `Input of name: ${inputName} already exists`;
    throw new Fault('ResourceAlreadyExistsException', message, { kind: 'input', name: inputName });
  }
  if (catalog.inputs.size >= limits.inputs) {
    throw new Fault('LimitExceededException', `Number of inputs exceeds the limit ${limits.inputs}`);
  }
  return put(catalog, request, { tags: mergeTags([], tags, limits), creationTime: now, lastUpdateTime: now });
}

/** Replaces both definition and description. */
export function updateInput(
  catalog: Catalog,
  request: InputRequest,
  { now }: DefinitionContext,
): Defined<InputRecord> {
  const { tags, creationTime } = findInput(catalog, request.inputName);
  return put(catalog, request, { tags, creationTime, lastUpdateTime: now });
}

/** Refuses to delete an input that an active model references (reference: questions Q-INPUT-DELETE). */
export function deleteInput(
  catalog: Catalog,
  { inputName }: { readonly inputName: string },
): Defined<undefined> {
  findInput(catalog, inputName);
  const { models, alarmModels } = catalog.usersOf(inputName);
  const inUse = [
    ...(models.length > 0
      ? [`detector model: ${models.map(({ record }) => record.detectorModelName).join(', ')}`]
      : []),
    ...(alarmModels.length > 0
      ? [`alarm model: ${alarmModels.map(({ record }) => record.alarmModelName).join(', ')}`]
      : []),
  ];
  if (inUse.length > 0) {
    const message = `Input of name: ${inputName} is in use by ${inUse.join(' and ')}`;
    throw new Fault('ResourceInUseException', message);
  }
  const inputs = new Map(catalog.inputs);
  inputs.delete(inputName);
  return { catalog: catalog.with({ inputs }), rows: [[inputKey(inputName), null]], result: undefined };
}

/** Throws Fault when there is no such input. */
export function findInput(catalog: Catalog, inputName: string): InputRecord {
  const record = catalog.inputs.get(inputName);
  if (record === undefined)
    throw new Fault('ResourceNotFoundException', `Input of name: ${inputName} not found`);
  return record;
}

export function putInput(catalog: Catalog, record: InputRecord): Defined<InputRecord> {
  return {
    catalog: catalog.with({ inputs: new Map(catalog.inputs).set(record.inputName, record) }),
    rows: [[inputKey(record.inputName), JSON.stringify(record)]],
    result: record,
  };
}

function put(
  catalog: Catalog,
  { inputName, inputDescription, inputDefinition }: InputRequest,
  rest: Pick<InputRecord, 'tags' | 'creationTime' | 'lastUpdateTime'>,
): Defined<InputRecord> {
  const description = inputDescription === undefined ? {} : { inputDescription };
  return putInput(catalog, { inputName, ...description, inputDefinition, ...rest });
}
