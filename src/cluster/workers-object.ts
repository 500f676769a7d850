import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { Log } from '../runtime/log.ts';
import type { Ingress } from './ingress.ts';
import { IngressError } from './node-urls.ts';
import { entriesOf, LAZY, OBJECT, type ObjectParts } from './object-parts.ts';

/** By address: when a worker was last announced, milliseconds since the epoch. */
type Workers = Readonly<Record<string, number>>;

const WORKERS = 'workers';
/** Milliseconds between two announcements, and after which a worker counts as gone. */
const EVERY = 10_000;
const GONE = 60_000;

/** The list of workers: Restate knows only the address that they share, but fronts need each worker's own. */
export function workersObject({ sdk, names }: ObjectParts) {
  const { exclusive, shared } = sdk.handlers.object;
  return sdk.object({
    name: names.workers,
    handlers: {
      announce: exclusive(LAZY, async (ctx: ObjectContext, url: string): Promise<void> => {
        const now = await ctx.date.now();
        const known = (await entriesOf(ctx).get<Workers>(WORKERS)) ?? {};
        const live = Object.entries(known).filter(([, at]) => now - at < GONE);
        entriesOf(ctx).set<Workers>(WORKERS, { ...Object.fromEntries(live), [url]: now });
      }),
      list: shared(LAZY, async (ctx: ObjectSharedContext): Promise<readonly string[]> => {
        return Object.keys((await entriesOf(ctx).get<Workers>(WORKERS)) ?? {});
      }),
    },
    options: OBJECT,
  });
}

/** Announces a worker now and periodically. Resolves with a function that stops it. */
export async function announce(ingress: Ingress, url: string, log: Log): Promise<() => void> {
  const once = () =>
    ingress.announce(url).catch((error: unknown) => {
      if (!(error instanceof IngressError)) throw error;
      log.warn({ url }, `the worker cannot be announced, so fronts do not see it: ${error.message}`);
    });
  await once();
  const timer = setInterval(() => void once(), EVERY);
  timer.unref();
  return () => clearInterval(timer);
}
