import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { consoleRoutes } from '../api/console/routes.ts';
import { deviceRoutes } from '../api/devices/routes.ts';
import { TopicTail } from '../api/devices/topic-tail.ts';
import { EvaluationRecorder } from '../api/events/recorder.ts';
import { eventRoutes } from '../api/events/routes.ts';
import { sessionRoute } from '../api/extras/session.ts';
import { FiguresByModel } from '../api/figures/model-figures.ts';
import { Rates } from '../api/figures/rates.ts';
import { figureRoutes } from '../api/figures/routes.ts';
import type { FindRoute } from '../api/front.ts';
import type { Publication } from '../ingest/rules/publication.ts';
import type { RuntimeMetrics } from '../runtime/metrics.ts';
import type { ServeConfig } from './config.ts';
import type { Runtime } from './runtime.ts';
import { VERSION } from './version.ts';

/** The console and its own routes beside the API. */
export interface Console {
  readonly findRoute: FindRoute;
  /** Shows a published message to those who watch its topic. */
  see(publication: Publication): void;
  /** Observes a runtime as soon as it has started. */
  watch(runtime: Runtime): void;
  /** Ends the event streams, which would otherwise keep the server from closing. */
  close(): void;
}

export interface ConsoleOptions {
  readonly config: ServeConfig;
  readonly metrics: RuntimeMetrics;
  /** Throws ServiceError while no runtime is open. */
  readonly current: () => Runtime;
  /** Whether requests must be signed. */
  readonly signIn: boolean;
}

/** Milliseconds for which the size of the data directory is cached. */
const SIZE_AGAIN = 10_000;

export function createConsole({ config, metrics, current, signIn }: ConsoleOptions): Console {
  const recorder = new EvaluationRecorder(Date.now());
  const tail = new TopicTail(Date.now);
  const byModel = new FiguresByModel();
  let watched: Runtime | undefined;
  const storage = sizeOf(config.dataDir);
  const rates = new Rates(metrics, byModel, async () => {
    const { queued = 0, pendingActions = new Map<string, number>() } = watched?.host.figures() ?? {};
    const pending = [...pendingActions.values()].reduce((sum, count) => sum + count, 0);
    // A missing figure must not end the process.
    return { queued, pending, storage: await storage().catch(() => null) };
  });
  const finders = [
    eventRoutes(recorder),
    figureRoutes({
      ...{ byModel, rates, startedAt: Date.now(), version: VERSION },
      host: () => current().host,
      storage,
    }),
    deviceRoutes({ tail, mqtt: () => current().mqtt }),
    consoleRoutes({ signIn, region: config.region }),
  ];
  const session = sessionRoute(config, VERSION);
  return {
    see: (publication) => tail.see(publication),
    findRoute: (method, path) => {
      if (method === 'GET' && path === '/_tripline/session') return session;
      for (const find of finders) {
        const route = find(method, path);
        if (route !== undefined) return route;
      }
      return undefined;
    },
    watch: (runtime) => {
      watched = runtime;
      runtime.host.observe(recorder);
      runtime.host.observe(byModel);
    },
    close: () => {
      recorder.close();
      tail.close();
      rates.close();
    },
  };
}

/** Returns a function that measures the bytes of the files in a folder. */
function sizeOf(folder: string): () => Promise<number> {
  let known: { readonly until: number; readonly bytes: number } | undefined;
  return async () => {
    if (known !== undefined && known.until > performance.now()) return known.bytes;
    const files = await readdir(folder);
    const sizes = await Promise.all(
      // The store may have removed an obsolete file meanwhile.
      files.map((file) =>
        stat(join(folder, file)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    known = { until: performance.now() + SIZE_AGAIN, bytes };
    return bytes;
  };
}
