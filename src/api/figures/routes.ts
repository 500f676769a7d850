import type { KindName } from '../../core/engine/kind.ts';
import type { RunningModel } from '../../core/engine/running.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Host } from '../../runtime/host.ts';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import type { FindRoute } from '../front.ts';
import type { FiguresByModel } from './model-figures.ts';
import type { Rates } from './rates.ts';
import { survey } from './survey.ts';

/** The sources of the figures; `host` throws ServiceError while there is no runtime. */
export interface FigureSources {
  readonly host: () => Host;
  readonly byModel: FiguresByModel;
  readonly rates: Rates;
  /** Bytes of the data directory. */
  readonly storage: () => Promise<number>;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly version: string;
}

const MOST_LISTED = 100_000;
/** The count of a model's states is cached for this multiple of the time it took. */
const PATIENCE = 20;
const LEAST_FRESH = 1000;

/**
 * Data for the console:
 *
 * - `GET /_tripline/overview`: rates, queue, storage, targets, and each model with its detectors by state;
 * - `GET /_tripline/detectors?detectorModelName=&stateName=&key=`: all detectors of a model, up to 100,000, whose key
 *   contains a text.
 */
export function figureRoutes(sources: FigureSources): FindRoute {
  const counts = new StateCounts();
  return (method, path) => {
    if (method !== 'GET') return undefined;
    if (path === '/_tripline/overview')
      return {
        access: 'tripline:GetOverview',
        answer: async (_request, response) => sendJson(response, 200, await overview(sources, counts)),
      };
    if (path === '/_tripline/detectors')
      return {
        access: 'tripline:ListDetectors',
        answer: async (_request, response, query) =>
          sendJson(response, 200, await list(sources.host(), query)),
      };
    return undefined;
  };
}

async function overview(sources: FigureSources, counts: StateCounts): Promise<unknown> {
  const host = sources.host();
  const catalog = await host.catalog();
  const running: RunningModel[] = [...catalog.models.values(), ...catalog.alarmModels.values()].map(
    ({ active }) => active,
  );
  const models = [];
  for (const { kind, compiled } of running) {
    const states = await counts.of(host, kind, compiled.name, compiled.version).catch(goneSince);
    if (states === undefined) continue;
    const count = Object.values(states).reduce((sum, each) => sum + each, 0);
    const figures = sources.byModel.of(kind, compiled.name);
    models.push({ kind, name: compiled.name, version: compiled.version, count, states, ...figures });
  }
  const { queued, lateness = 0, failedActions, pendingActions, targets } = host.figures();
  const active = new Map(targets.map((each) => [each.target, each]));
  const names = new Set([...pendingActions.keys(), ...active.keys()]);
  return {
    version: sources.version,
    startedAt: sources.startedAt,
    now: Date.now(),
    queued,
    lateness,
    storage: await sources.storage(),
    failedActions,
    targets: [...names].map((target) => ({
      ...{ target, pending: pendingActions.get(target) ?? 0, inFlight: 0, isDown: false },
      ...active.get(target),
    })),
    samples: sources.rates.samples,
    models,
  };
}

/** A model may be deleted while others are counted; any other failure is an error. */
function goneSince(error: unknown): undefined {
  if (error instanceof Fault && error.code === 'ResourceNotFoundException') return undefined;
  throw error;
}

/**
 * Rows are arrays, a third of the size of objects: key, number of the state, and the times of creation, last update and
 * next timer, which is null without running timers.
 */
async function list(host: Host, query: URLSearchParams): Promise<unknown> {
  const name = query.get('detectorModelName');
  if (name === null) throw invalid("Missing required parameter 'detectorModelName'");
  const stateName = query.get('stateName') ?? undefined;
  const key = query.get('key')?.toLowerCase() ?? '';
  const places = new Map<string, number>();
  const model = (await host.catalog()).models.get(name)?.active;
  for (const state of model?.compiled.states ?? []) places.set(state.name, places.size);
  const rows: unknown[] = [];
  let total = 0;
  for await (const instance of survey(host, 'detector', name, stateName)) {
    const { keyValue = null, creationTime, lastUpdateTime, nextExpiry = null } = instance;
    if (!(keyValue ?? '').toLowerCase().includes(key)) continue;
    total++;
    if (rows.length >= MOST_LISTED) continue;
    const state = places.get(instance.stateName) ?? -1;
    rows.push([keyValue, state, creationTime, lastUpdateTime, nextExpiry]);
  }
  return { states: [...places.keys()], total, rows };
}

/** Instances by state, cached in proportion to the cost of counting. */
class StateCounts {
  readonly #counted = new Map<
    string,
    { readonly until: number; readonly states: Promise<Record<string, number>> }
  >();

  of(host: Host, kind: KindName, modelName: string, version: string): Promise<Record<string, number>> {
    const name = `${kind}/${modelName}/${version}`;
    const known = this.#counted.get(name);
    if (known !== undefined && known.until > performance.now()) return known.states;
    const began = performance.now();
    const states = count(host, kind, modelName).then((counted) => {
      const until = performance.now() + Math.max(LEAST_FRESH, (performance.now() - began) * PATIENCE);
      this.#counted.set(name, { until, states });
      return counted;
    });
    this.#counted.set(name, { until: Number.POSITIVE_INFINITY, states });
    states.catch(() => this.#counted.delete(name));
    return states;
  }
}

async function count(host: Host, kind: KindName, modelName: string): Promise<Record<string, number>> {
  const states: Record<string, number> = {};
  for await (const { stateName } of survey(host, kind, modelName)) {
    states[stateName] = (states[stateName] ?? 0) + 1;
  }
  return states;
}
