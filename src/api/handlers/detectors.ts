import type { Detector } from '../../core/detector/types.ts';
import { type DetectorStateDefinition, updateDetector } from '../../core/detector/update.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { renderJson } from '../../core/expression/json.ts';
import type { Model } from '../../runtime/catalog.ts';
import type { Turn } from '../../runtime/embedded/turn.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Held } from '../../runtime/slot.ts';
import { find } from './detector-models.ts';
import { pageOfInstances, refusedOf } from './instances.ts';
import type { PageRequest } from './page.ts';
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

export function listDetectors(
  service: Service,
  request: PageRequest & { readonly detectorModelName: string; readonly stateName?: string },
) {
  return service.host.command(() => {
    const model = find(service, request.detectorModelName);
    const { stateName } = request;
    const fits = ({ instance }: Held) => stateName === undefined || stateOf(model, instance) === stateName;
    const { items, nextToken } = pageOfInstances(service, model.active.epoch, request, fits);
    return {
      detectorSummaries: items.map((held) => summarise(model, held)),
      ...(nextToken !== undefined && { nextToken }),
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
      const updated = updateDetector(compiled, held.instance as Detector, entry.state, turn.now, limits);
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
  return refusedOf(entries, run).map(({ entry: { messageId }, errorCode, errorMessage }) => {
    return { messageId, errorCode, errorMessage };
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

function stateOf(model: Model, instance: Held['instance']): string {
  return model.active.compiled.states[(instance as Detector | undefined)?.state ?? -1]?.name ?? '';
}

function summarise(model: Model, { keyValue, instance }: Held) {
  return {
    detectorModelName: model.record.detectorModelName,
    ...(keyValue !== undefined && { keyValue }),
    detectorModelVersion: model.active.compiled.version,
    state: { stateName: stateOf(model, instance) },
    creationTime: instance?.creationTime,
    lastUpdateTime: instance?.lastUpdateTime,
  };
}

/** Values as text, strings with their quotes; timers by whole seconds (spec: model 5.3, 10). */
function describe(model: Model, held: Held) {
  const detector = held.instance as Detector;
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
