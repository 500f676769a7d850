import type { Detector } from '../../detector/types.ts';
import { type DetectorStateDefinition, updateDetector } from '../../detector/update.ts';
import { namedVariables } from '../../detector/variables.ts';
import { renderJson } from '../../expression/json.ts';
import type { Model } from '../../runtime/catalog.ts';
import type { Turn } from '../../runtime/embedded/turn.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Held } from '../../runtime/slot.ts';
import { find } from './detector-models.ts';
import { decodeToken, encodeToken, type PageRequest } from './page.ts';
import type { Service } from './service.ts';

/** The operations on detectors (spec: model 9 and 10, api 3). */

interface Named {
  readonly detectorModelName: string;
  readonly keyValue?: string;
}

export function describeDetector(service: Service, request: Named) {
  return service.host.command(() => {
    const model = find(service, request.detectorModelName);
    const held = findDetector(service, model, request);
    return { detector: describe(model, held) };
  });
}

/**
 * Pages go through the slots, and through each by the age of its detectors: the token survives what is created
 * and deleted in between.
 */
export function listDetectors(
  service: Service,
  request: PageRequest & { readonly detectorModelName: string; readonly stateName?: string },
) {
  return service.host.command(() => {
    const model = find(service, request.detectorModelName);
    const { maxResults = service.limits.pageSize, stateName } = request;
    const [firstSlot, after] = readPosition(request.nextToken);
    const found: Held[] = [];
    for (const slot of service.host.slots.slice(firstSlot)) {
      const own = [...slot.detectors(model.active.epoch)]
        .filter(({ detector }) => slot.number > firstSlot || (detector?.createdBy ?? 0) > after)
        .filter(({ detector }) => stateName === undefined || stateOf(model, detector) === stateName)
        .sort((a, b) => (a.detector?.createdBy ?? 0) - (b.detector?.createdBy ?? 0));
      found.push(...own);
      if (found.length > maxResults) break;
    }
    const page = found.slice(0, maxResults);
    const last = page.at(-1);
    const more = found.length > page.length && last !== undefined;
    return {
      detectorSummaries: page.map((held) => summarise(model, held)),
      ...(more && { nextToken: encodeToken(`${last.slot.number}:${last.detector?.createdBy}`) }),
    };
  });
}

/** Puts detectors into a state, without evaluating anything. */
export function batchUpdateDetector(
  service: Service,
  request: {
    readonly detectors: readonly (Named & {
      readonly messageId: string;
      readonly state: DetectorStateDefinition;
    })[];
  },
) {
  const { limits } = service;
  for (const { state } of request.detectors) {
    checkNumber('variables', state.variables.length, limits.variablesPerDetector);
    checkNumber('timers', state.timers.length, limits.timersPerDetector);
  }
  return service.host.command((turn) => {
    const entries = eachOf(request.detectors, (entry) => {
      const model = find(service, entry.detectorModelName);
      const held = findDetector(service, model, entry);
      const { compiled } = model.active;
      const updated = updateDetector(compiled, held.detector as Detector, entry.state, turn.now, limits);
      if (!updated.ok) throw new Fault('InvalidRequestException', updated.message);
      turn.replace(held, updated.detector);
    });
    return { batchUpdateDetectorErrorEntries: entries };
  });
}

export function batchDeleteDetector(
  service: Service,
  request: { readonly detectors: readonly (Named & { readonly messageId: string })[] },
) {
  return service.host.command((turn: Turn) => {
    const entries = eachOf(request.detectors, (entry) => {
      turn.remove(findDetector(service, find(service, entry.detectorModelName), entry));
    });
    return { batchDeleteDetectorErrorEntries: entries };
  });
}

/** Does each entry by itself and lists those that were refused. */
function eachOf<T extends { readonly messageId: string }>(entries: readonly T[], run: (entry: T) => void) {
  return entries.flatMap((entry) => {
    try {
      run(entry);
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [{ messageId: entry.messageId, errorCode: error.code, errorMessage: error.message }];
    }
  });
}

/** Too much of anything refuses the whole call (spec: model 9). */
function checkNumber(what: 'variables' | 'timers', number: number, limit: number): void {
  if (number <= limit) return;
  const message = `Number of ${what} in the detector exceeds the limit ${limit}`;
  throw new Fault('InvalidRequestException', message);
}

function findDetector({ host }: Service, model: Model, { detectorModelName, keyValue }: Named): Held {
  const held = host.slotFor(detectorModelName, keyValue).find(model.active.epoch, keyValue);
  if (held !== undefined) return held;
  const key = keyValue === undefined ? 'without a key value' : `with key value: ${keyValue}`;
  throw new Fault(
    'ResourceNotFoundException',
    `Detector of detector model: ${detectorModelName} ${key} not found`,
  );
}

function readPosition(nextToken: string | undefined): readonly [slot: number, createdBy: number] {
  if (nextToken === undefined) return [0, 0];
  const [slot, createdBy] = decodeToken(nextToken).split(':').map(Number);
  if (!Number.isInteger(slot) || !Number.isInteger(createdBy)) {
    throw new Fault('InvalidRequestException', 'Invalid nextToken');
  }
  return [slot as number, createdBy as number];
}

function stateOf(model: Model, detector: Detector | undefined): string {
  return model.active.compiled.states[detector?.state ?? -1]?.name ?? '';
}

function summarise(model: Model, { keyValue, detector }: Held) {
  return {
    detectorModelName: model.record.detectorModelName,
    ...(keyValue !== undefined && { keyValue }),
    detectorModelVersion: model.active.compiled.version,
    state: { stateName: stateOf(model, detector) },
    creationTime: detector?.creationTime,
    lastUpdateTime: detector?.lastUpdateTime,
  };
}

/** Values as text, strings with their quotes; timers by whole seconds (spec: model 5.3, 10). */
function describe(model: Model, held: Held) {
  const detector = held.detector as Detector;
  const variables = namedVariables(model.active.compiled, detector);
  return {
    ...summarise(model, held),
    state: {
      stateName: stateOf(model, detector),
      variables: variables.map(([name, value]) => ({ name, value: renderJson(value) })),
      timers: detector.timers.map(({ name, expiresAt }) => ({
        name,
        timestamp: Math.floor(expiresAt / 1000) * 1000,
      })),
    },
  };
}
