import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ingress } from '../../src/cluster/ingress.ts';
import type { Host } from '../../src/runtime/host.ts';
import { loadCases } from '../conformance/cases.ts';
import { expected } from '../conformance/expected.ts';
import { CaseRun, type ModelFile, type OpenHost } from '../conformance/run.ts';
import { enlist, forget, frontOf, type Restate, startServers, WHY_NOT, workerOf } from './rig.ts';
import { ticksOf } from './ticks.ts';

/*
 * The model conformance cases on Restate, each in a cluster with its own name. Restate's delays use real time and the
 * cases a simulated clock, so the test triggers the ticks set by slots.
 */

/** Cases that a cluster is known to fail, with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'the window is per input, not per key':
    'a slot remembers what its own instances have taken (docs/cluster.md)',
};

/** Opens a host on Restate; `opened` is called with a function that closes it. */
function onRestate(
  restate: Restate,
  cluster: string,
  opened: (close: () => Promise<void>) => void,
): OpenHost {
  return async ({ clock, onEffects }) => {
    const options = { cluster, now: () => clock.now() };
    const worker = await workerOf(restate, 0, options);
    worker.observe({
      observe: ({ result }) => onEffects(result.effects),
      traces: () => false,
      keepsStates: () => false,
    });
    const ingress = new Ingress(restate.ingressUrl, cluster);
    const host = frontOf(restate, options);
    opened(async () => {
      await host.close();
      await worker.close();
      await forget(restate, ingress.names.slot);
    });
    const known = new Set<string>();
    let last: Promise<void> = Promise.resolve();
    const watchTicks = async () => {
      for (const { slot, at } of await ticksOf(restate, ingress)) {
        const name = `${slot}/${at}`;
        if (known.has(name)) continue;
        known.add(name);
        clock.at(at, () => {
          last = last.then(async () => {
            await ingress.tick(slot, { at });
            await watchTicks();
          });
        });
      }
    };
    const watching = async <T>(call: Promise<T>): Promise<T> => {
      const result = await call;
      await watchTicks();
      return result;
    };
    await enlist(restate, worker, options);
    const own: Partial<Host> = {
      put: (messages) => watching(host.put(messages)),
      command: (commands) => watching(host.command(commands)),
      async catalog() {
        await last;
        return host.catalog();
      },
      observe(observer) {
        worker.observe(observer);
        return () => {};
      },
    };
    return new Proxy(host, {
      get(target, name) {
        const value = name in own ? own[name as keyof Host] : target[name as keyof Host];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
}

describe.skipIf(WHY_NOT !== undefined)(`conformance on Restate (${WHY_NOT ?? 'runs'})`, () => {
  let restate: Restate;
  beforeAll(async () => {
    restate = await startServers(1);
  }, 120_000);
  afterAll(() => restate?.dispose());

  let clusters = 0;
  for (const { feature, spec, cases } of loadCases<ModelFile>('models'))
    describe(`${feature} (${spec})`, () => {
      test.each(cases.filter(({ name }) => EXCEPTIONS[name] === undefined))('$name', async (each) => {
        const closes: (() => Promise<void>)[] = [];
        const open = onRestate(restate, `case${++clusters}`, (close) => closes.push(close));
        try {
          const run = await CaseRun.begin(each, open);
          for (const [index, step] of each.steps.entries())
            expect(await run.play(step), `step ${index + 1}`).toEqual(expected(step));
        } finally {
          for (const close of closes) await close();
        }
      });
    });
});
