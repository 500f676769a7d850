import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import type { RestateHost } from '../../src/cluster/restate-host.ts';
import type { Worker } from '../../src/cluster/worker.ts';
import { report } from '../crash/report.ts';
import { pause } from '../support/server-process.ts';
import { countingModel } from '../support/service.ts';
import { message, serviceOf, WATCHING } from './models.ts';
import { enlist, frontOf, type Restate, startServers, WHY_NOT, workerOf } from './rig.ts';

/*
 * Network partitions between nodes, with network namespaces on this machine. One node after the other is cut off from
 * the other two: first so that fronts and workers still reach it, then from everybody.
 */
const NODES = 3;
const CLIENTS = 4;
/** Milliseconds of a partition. */
const CUT = 6000;
const NAME = `tl${process.pid % 10_000}`;
const SUBNET = `10.213.${process.pid % 250}`;
const addressOf = (index: number) => `${SUBNET}.${index + 11}`;
const namespaceOf = (index: number) => `${NAME}n${index}`;
/** The end of a node's cable on the bridge. */
const cableOf = (index: number) => `${NAME}v${index}`;

function ip(...args: string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** Why the network cannot be partitioned here; undefined when it can. */
function whyNot(): string | undefined {
  if (WHY_NOT !== undefined) return WHY_NOT;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    ip('netns', 'add', `${NAME}try`);
    ip('netns', 'del', `${NAME}try`);
    return undefined;
  } catch (error) {
    return `there are no network namespaces: ${(error as Error).message.trim()}`;
  }
}

const why = whyNot();
let restate: Restate;
let worker: Worker;
let host: RestateHost;
const sent: string[] = [];

function layCables(): void {
  ip('link', 'add', `${NAME}br`, 'type', 'bridge');
  ip('addr', 'add', `${SUBNET}.1/24`, 'dev', `${NAME}br`);
  ip('link', 'set', `${NAME}br`, 'up');
  for (let index = 0; index < NODES; index++) {
    const [namespace, cable] = [namespaceOf(index), cableOf(index)];
    ip('netns', 'add', namespace);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('link', 'set', cable, 'master', `${NAME}br`, 'up');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', namespace, 'addr', 'add', `${addressOf(index)}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  }
}

function removeCables(): void {
  for (let index = 0; index < NODES; index++) spawnSync('ip', ['netns', 'del', namespaceOf(index)]);
  spawnSync('ip', ['link', 'del', `${NAME}br`]);
}

const CUTS: readonly {
  readonly what: string;
  readonly cut: (index: number) => void;
  readonly heal: (index: number) => void;
}[] = [
  {
    what: 'from the other nodes',
    cut: (index) =>
      eachOther(index, (other) => ip('-n', namespaceOf(index), 'route', 'add', 'blackhole', other)),
    heal: (index) =>
      eachOther(index, (other) => ip('-n', namespaceOf(index), 'route', 'del', 'blackhole', other)),
  },
  {
    what: 'from everybody',
    cut: (index) => ip('link', 'set', cableOf(index), 'down'),
    heal: (index) => ip('link', 'set', cableOf(index), 'up'),
  },
];

function eachOther(index: number, run: (address: string) => void): void {
  for (let other = 0; other < NODES; other++) if (other !== index) run(`${addressOf(other)}/32`);
}

beforeAll(async () => {
  if (why !== undefined) return;
  layCables();
  const places = Array.from({ length: NODES }, (_, index) => ({
    host: addressOf(index),
    command: ['ip', 'netns', 'exec', namespaceOf(index)],
  }));
  restate = await startServers(NODES, places);
  const options = {
    address: `${SUBNET}.1`,
    senders: {
      send: async (request: { readonly input: unknown }) => {
        sent.push(JSON.stringify(request.input));
      },
      load: async () => {},
      close: async () => {},
    },
  };
  worker = await workerOf(restate, 0, options);
  await enlist(restate, worker, options);
  host = frontOf(restate, options);
  const service = serviceOf(host);
  for (const inputName of ['I', 'Watch', 'Told'])
    await createInput(service, { inputName, inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  await createDetectorModel(service, countingModel('Counter', 'I'));
  await createDetectorModel(service, countingModel('ToldCounter', 'Told'));
  const watching = JSON.stringify(WATCHING)
    .replaceAll('"I\\"', '"Watch\\"')
    .replaceAll('$input.I.', '$input.Watch.');
  await createDetectorModel(
    service,
    JSON.parse(watching.replaceAll('currentInput(\\"I\\")', 'currentInput(\\"Watch\\")')) as Parameters<
      typeof createDetectorModel
    >[1],
  );
}, 180_000);

afterAll(async () => {
  if (why !== undefined) return;
  await host?.close();
  await worker?.close();
  await restate?.dispose();
  removeCables();
});

async function counted(modelName: string, keyValue: string): Promise<string | undefined> {
  const view = await host.describe({ kind: 'detector', modelName, keyValue });
  return view.kind === 'detector' ? view.variables.find(({ name }) => name === 'n')?.value : undefined;
}

test.skipIf(why !== undefined)(
  `a network that is cut loses no message and doubles no timer (${why ?? 'runs'})`,
  async () => {
    const acknowledged = new Map<string, number>();
    const watched: string[] = [];
    let isOver = false;
    let lastAt = Date.now();
    let longestGap = 0;
    const put = async (id: string, body: object, inputName: string) => {
      for (;;) {
        const [outcome] = await host.put([message(id, body, inputName)]).catch(() => [{ code: 'again' }]);
        if (outcome === undefined) break;
        await pause(50);
      }
      longestGap = Math.max(longestGap, Date.now() - lastAt);
      lastAt = Date.now();
    };
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      const key = `client-${client}`;
      for (let n = 1; !isOver; n++) {
        await put(`${key}-${n}`, { id: key }, 'I');
        acknowledged.set(key, n);
        if (n % 5 !== 0) continue;
        const own = `${key}-${n}`;
        await put(own, { id: own }, 'Watch');
        watched.push(own);
      }
    });
    const total = () => [...acknowledged.values()].reduce((sum, n) => sum + n, 0);
    const more = (by: number) => {
      const least = total() + by;
      return vi.waitFor(() => expect(total()).toBeGreaterThan(least), { timeout: 90_000, interval: 50 });
    };
    await more(20);
    const gaps: Record<string, number> = {};
    for (const { what, cut, heal } of CUTS) {
      for (let index = 0; index < NODES; index++) {
        longestGap = 0;
        cut(index);
        await pause(CUT);
        heal(index);
        await more(20);
        const name = `longest gap, a node cut off ${what} (ms)`;
        gaps[name] = Math.max(gaps[name] ?? 0, longestGap);
      }
    }
    isOver = true;
    await Promise.all(clients);
    for (const [key, n] of acknowledged)
      expect([key, await counted('Counter', key)]).toEqual([key, String(n)]);
    // Each timer has fired once: it has reported once, by a message within the cluster and by one action to the
    // outside.
    const untold = async () => {
      const { items } = await host.list({ kind: 'detector', modelName: 'ToldCounter', maxResults: 100_000 });
      return watched.length - items.length;
    };
    await vi.waitFor(async () => expect(await untold()).toBe(0), { timeout: 90_000, interval: 500 });
    for (const key of watched) expect([key, await counted('ToldCounter', key)]).toEqual([key, '1']);
    const ids = new Map<string, Set<string>>();
    for (const text of sent) {
      const key = /keyValue\\*":\\*"([^"\\]+)/.exec(text)?.[1] ?? '';
      const id = /actionExecutionId\\*":\\*"([^"\\]+)/.exec(text)?.[1] ?? '';
      ids.set(key, (ids.get(key) ?? new Set()).add(id));
    }
    expect(watched.filter((key) => ids.get(key)?.size !== 1)).toEqual([]);
    report('a cluster whose network is cut', {
      cuts: CUTS.length * NODES,
      'seconds of each': CUT / 1000,
      'messages acknowledged': total() + watched.length,
      'lost or counted twice': 0,
      'timers fired, once each': watched.length,
      ...gaps,
    });
  },
  600_000,
);
