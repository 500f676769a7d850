import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import { Ingress } from '../../src/cluster/ingress.ts';
import type { RestateHost } from '../../src/cluster/restate-host.ts';
import type { Worker } from '../../src/cluster/worker.ts';
import type { Limits } from '../../src/limits.ts';
import { describeHost, type HostHarness } from '../support/host-suite.ts';
import { message, serviceOf, WATCHING } from './models.ts';
import { enlist, forget, frontOf, type Restate, startServers, WHY_NOT, workerOf } from './rig.ts';
import { settledTicksOf } from './ticks.ts';

/*
 * The suite for all hosts, on Restate. Each test has a cluster with its own name and worker; they share the nodes. Its
 * clock advances by a millisecond at each reading, and when a test advances it: a timer then fires by Restate's own
 * delay or by the call that this would make.
 */
let clusters = 0;

function harnessOf(restate: Restate, limits: Partial<Limits>): HostHarness {
  const cluster = `suite${++clusters}`;
  let time = 1_600_000_000_000;
  const options = { cluster, limits, now: () => ++time };
  const ingress = new Ingress(restate.ingressUrl, cluster);
  let port = 0;
  let worker: Worker | undefined;
  let host: RestateHost | undefined;
  const close = async () => {
    await host?.close();
    await worker?.close();
    host = undefined;
    worker = undefined;
  };
  return {
    async open(attach) {
      host = frontOf(restate, options);
      attach?.(host);
      worker = await workerOf(restate, port, options);
      port = worker.port;
      await enlist(restate, worker, options);
      return host;
    },
    close,
    async advance(milliseconds) {
      const until = time + milliseconds;
      if (worker !== undefined) {
        for (;;) {
          const [next] = await settledTicksOf(restate, ingress, cluster);
          if (next === undefined || next.at > until) break;
          time = Math.max(time, next.at);
          await ingress.tick(next.slot, { at: next.at });
        }
      }
      time = Math.max(time, until);
    },
    async dispose() {
      await close();
      await forget(restate, ingress.names.slot);
    },
  };
}

describe.skipIf(WHY_NOT !== undefined).each([1, 3])(
  `on Restate (${WHY_NOT ?? 'runs'}), %i node(s)`,
  (nodes) => {
    let restate: Restate;
    beforeAll(async () => {
      restate = await startServers(nodes);
    }, 120_000);
    afterAll(() => restate.dispose());

    describeHost('the host of a cluster', async (limits) => harnessOf(restate, limits));

    test('a timer fires although the clock of the worker is behind the one that its delay was counted by', async () => {
      const began = Date.now();
      const cluster = 'slow';
      const options = { cluster, now: () => began + Math.floor((Date.now() - began) / 2) };
      const worker = await workerOf(restate, 0, options);
      await enlist(restate, worker, options);
      const host = frontOf(restate, options);
      const service = serviceOf(host);
      for (const inputName of ['I', 'Told'])
        await createInput(service, { inputName, inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
      await createDetectorModel(service, WATCHING as Parameters<typeof createDetectorModel>[1]);
      await host.put([message('m1', { id: 'a' })]);
      const name = { kind: 'detector', modelName: 'Watching', keyValue: 'a' } as const;
      const isQuiet = async () => expect(await host.describe(name)).toMatchObject({ stateName: 'Quiet' });
      await vi.waitFor(isQuiet, { timeout: 25_000, interval: 100 });
      await host.close();
      await worker.close();
      await forget(restate, `${cluster}-slot`);
    });
  },
);
