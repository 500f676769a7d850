import type { DetectorStateDefinition } from '../../core/detector/update.ts';
import type { DetectorView, InstanceSummary } from '../../core/engine/views.ts';
import { Fault } from '../../runtime/fault.ts';
import { describeInstance, listInstances, refusedOf } from './instances.ts';
import type { PageRequest } from './page.ts';
import type { Service } from './service.ts';

/** The operations on detectors (reference: models 9 and 10, api 3). */

interface Named {
  readonly detectorModelName: string;
  readonly keyValue?: string;
}

interface Entry extends Named {
  readonly messageId: string;
}

export async function describeDetector(service: Service, { detectorModelName, keyValue }: Named) {
  const detector = await describeInstance(service, 'detector', detectorModelName, keyValue);
  return { detector: describe(detector) };
}

export async function listDetectors(
  service: Service,
  request: PageRequest & { readonly detectorModelName: string; readonly stateName?: string },
) {
  const { detectorModelName, stateName } = request;
  const { items, nextToken } = await listInstances(
    service,
    'detector',
    detectorModelName,
    request,
    stateName,
  );
  return { detectorSummaries: items.map(summarise), ...(nextToken !== undefined && { nextToken }) };
}

/** Puts detectors into a state, without evaluating anything. */
export async function batchUpdateDetector(
  { host, limits }: Service,
  { detectors }: { readonly detectors: readonly (Entry & { readonly state: DetectorStateDefinition })[] },
) {
  for (const { state } of detectors) {
    checkNumber('variables', state.variables.length, limits.variablesPerDetector);
    checkNumber('timers', state.timers.length, limits.timersPerDetector);
  }
  const outcomes = await host.command(
    detectors.map((entry) => ({ type: 'SetDetectorState', ...nameOf(entry), state: entry.state })),
  );
  return { batchUpdateDetectorErrorEntries: refusedOf(detectors, outcomes).map(errorEntry) };
}

export async function batchDeleteDetector(
  { host }: Service,
  { detectors }: { readonly detectors: readonly Entry[] },
) {
  const outcomes = await host.command(
    detectors.map((entry) => ({ type: 'DeleteDetector', ...nameOf(entry) })),
  );
  return { batchDeleteDetectorErrorEntries: refusedOf(detectors, outcomes).map(errorEntry) };
}

function nameOf({ detectorModelName: modelName, keyValue }: Named) {
  return { modelName, ...(keyValue !== undefined && { keyValue }) };
}

function errorEntry({ entry, errorCode, errorMessage }: ReturnType<typeof refusedOf<Entry>>[number]) {
  return { messageId: entry.messageId, errorCode, errorMessage };
}

/** Exceeding a limit refuses the whole call (reference: models 9). */
function checkNumber(what: 'variables' | 'timers', number: number, limit: number): void {
  if (number <= limit) return;
  const message = `Number of ${what} in the detector exceeds the limit ${limit}`;
  throw new Fault('InvalidRequestException', message);
}

function summarise({ modelName, modelVersion, keyValue, stateName, ...view }: InstanceSummary) {
  return {
    detectorModelName: modelName,
    ...(keyValue !== undefined && { keyValue }),
    detectorModelVersion: modelVersion,
    state: { stateName },
    creationTime: view.creationTime,
    lastUpdateTime: view.lastUpdateTime,
  };
}

/** Values as text, strings with their quotes; timers in whole seconds (reference: models 5.3, 10). */
function describe(view: DetectorView) {
  return {
    ...summarise(view),
    state: {
      stateName: view.stateName,
      variables: view.variables,
      timers: view.timers.map(({ name, expiresAt }) => ({
        name,
        timestamp: Math.floor(expiresAt / 1000) * 1000,
      })),
    },
  };
}
