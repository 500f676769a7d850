import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Admin } from '../../src/cluster/admin.ts';
import { type Balancer, startBalancer } from '../../src/cluster/balancer.ts';
import { Evaluations } from '../../src/cluster/evaluations.ts';
import { ClusterLife, type Outcome } from './life.ts';
import { type Restate, startServers, WHY_NOT } from './rig.ts';

/** Lives of a cluster; `TRIPLINE_CLUSTER_SEEDS=5:20` for twenty from the fifth on. */
const [FROM = 1, COUNT = 2] = (process.env.TRIPLINE_CLUSTER_SEEDS ?? '1:2').split(':').map(Number);
const SEEDS = Array.from({ length: COUNT }, (_, index) => FROM + index);
const ROUNDS = 8;

describe.skipIf(WHY_NOT !== undefined).each([1, 3])(
  `the books of the simulation on Restate (${WHY_NOT ?? 'runs'}), %i node(s)`,
  (nodes) => {
    let restate: Restate;
    let balancer: Balancer;
    const ports: number[] = [];
    const total = { evaluations: 0, effects: 0, arrivals: 0, repeated: 0, faults: 0 };
    beforeAll(async () => {
      restate = await startServers(nodes);
      balancer = await startBalancer(ports);
    }, 120_000);
    afterAll(async () => {
      console.log(`lives of a cluster, ${nodes} node(s): ${JSON.stringify(total)}`);
      await balancer.close();
      await restate.dispose();
    });

    test.each(SEEDS)(
      'seed %i: nothing is lost, doubled or out of order',
      async (seed) => {
        const life = new ClusterLife(seed, restate, ports, {
          cut: () => balancer.cut(),
          async killNode(random) {
            const node = random.pick(restate.servers.nodes);
            const exited = once(node.child, 'exit');
            node.child.kill('SIGKILL');
            await exited;
            node.start();
            await new Admin(node.adminUrl).ready(90_000);
          },
        });
        const tap = vi
          .spyOn(Evaluations.prototype, 'evaluated')
          .mockImplementation((...told) => life.evaluated(...told));
        try {
          const outcome: Outcome = await life.run(balancer.url, ROUNDS);
          for (const name of Object.keys(total) as (keyof Outcome)[]) total[name] += outcome[name];
          expect(outcome.evaluations).toBeGreaterThan(ROUNDS);
        } finally {
          tap.mockRestore();
        }
      },
      300_000,
    );
  },
);
