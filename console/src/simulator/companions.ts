import { queryOptions } from '@tanstack/react-query';
import { normaliseDefinition } from '../../../src/core/model/normalise.ts';
import {
  inputsOf,
  type PrepareResult,
  prepareModel,
  type SimulatedModel,
} from '../../../src/simulate/models.ts';
import { ApiError } from '../api/call.ts';
import { alarmModelQuery, modelQuery, routingsQuery } from '../api/queries.ts';
import { readDefinition } from '../editor/check.ts';
import type { Draft } from '../editor/draft.ts';
import { draftOf } from '../editor/draft-query.ts';

/** A model of the server that is simulated together with the one at hand. */
export interface Companion {
  readonly kind: 'detector' | 'alarm';
  readonly name: string;
}

const ALARM = 'alarm:';

/** The companions of an address: names with commas between, those of alarm models after `alarm:`. */
export function readCompanions(text: string | undefined): Companion[] {
  return (text ?? '')
    .split(',')
    .filter((each) => each !== '')
    .map((each) =>
      each.startsWith(ALARM)
        ? { kind: 'alarm', name: each.slice(ALARM.length) }
        : { kind: 'detector', name: each },
    );
}

export function companionId({ kind, name }: Companion): string {
  return kind === 'alarm' ? ALARM + name : name;
}

/** What an address says of companions; undefined for none. */
export function companionsText(companions: readonly Companion[]): string | undefined {
  return companions.length === 0 ? undefined : companions.map(companionId).join(',');
}

/** A companion as it is published, ready to be simulated. */
export const companionQuery = (companion: Companion) =>
  queryOptions({
    queryKey: ['companion', companionId(companion)],
    queryFn: async (context): Promise<PrepareResult> => {
      const { kind, name } = companion;
      const { client } = context;
      if (kind === 'detector') return prepareDraft(draftOf(name, await client.fetchQuery(modelQuery(name))));
      const described = await client.fetchQuery(alarmModelQuery(name));
      // Of what describes it, what creates it.
      const {
        alarmModelArn: _,
        alarmModelVersion,
        creationTime,
        lastUpdateTime,
        status,
        statusMessage,
        ...request
      } = described;
      return prepareModel(request as Parameters<typeof prepareModel>[0]);
    },
    // The simulation that runs would otherwise begin anew under somebody's hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** A draft, ready to be simulated, or why it cannot be. */
export function prepareDraft({ name, definition, settings }: Draft): PrepareResult {
  const read = readDefinition(definition);
  if (!read.ok) return { ok: false, problems: [{ modelName: name, path: read.path, message: read.message }] };
  const { key, roleArn, evaluationMethod, description } = settings;
  return prepareModel({
    detectorModelName: name,
    ...(description !== '' && { detectorModelDescription: description }),
    ...(key !== '' && { key }),
    ...(roleArn !== '' && { roleArn }),
    evaluationMethod,
    detectorModelDefinition: normaliseDefinition(read.definition),
  } as Parameters<typeof prepareModel>[0]);
}

/** The inputs that iotEvents actions of a model put messages to. */
export function inputsWritten({ source }: SimulatedModel): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      const inputName =
        name === 'iotEvents' ? (member as { readonly inputName?: unknown })?.inputName : undefined;
      if (typeof inputName === 'string') found.add(inputName);
      visit(member);
    }
  };
  visit(source);
  return [...found];
}

/** The inputs whose readers are worth offering, each with the reason. */
export function inputsToFollow(models: readonly SimulatedModel[]): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const inputName of inputsOf(models)) reasons.set(inputName, `reads ${inputName}, too`);
  for (const model of models)
    for (const inputName of inputsWritten(model))
      reasons.set(inputName, `reads ${inputName}, which ${model.compiled.name} writes`);
  return reasons;
}

/** The models that read an input; none for an input that is not there. */
export const readersQuery = (inputName: string) =>
  queryOptions({
    queryKey: ['input', inputName, 'readers'],
    queryFn: async ({ client }): Promise<Companion[]> => {
      try {
        const routed = await client.fetchQuery(routingsQuery(inputName));
        return routed.map(({ name = '', arn = '' }) => ({
          kind: arn.includes(':alarmModel/') ? 'alarm' : 'detector',
          name,
        }));
      } catch (error) {
        if (error instanceof ApiError && error.code === 'ResourceNotFoundException') return [];
        throw error;
      }
    },
  });
