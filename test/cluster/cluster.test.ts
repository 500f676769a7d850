import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDetectorModel, updateDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import type { RestateNode } from '../../src/cluster/restate-server.ts';
import type { ServiceRequest } from '../../src/core/action/request.ts';
import type { Host } from '../../src/runtime/host.ts';
import { countingModel } from '../support/service.ts';
import { message, serviceOf, WATCHING } from './models.ts';
import { type ClusterRig, startCluster, WHY_NOT } from './rig.ts';
import { settled } from './ticks.ts';

type ModelRequest = Parameters<typeof createDetectorModel>[1];

/** Kills of Restate's nodes under load; `TRIPLINE_CLUSTER_KILLS=30 npm run test:cluster` for more. */
const KILLS = Number(process.env.TRIPLINE_CLUSTER_KILLS ?? 2);
const WAIT = { timeout: 25_000, interval: 100 };

describe.skipIf(WHY_NOT !== undefined).each([1, 3])(
  `a cluster (${WHY_NOT ?? 'runs'}) of %i node(s)`,
  (nodes) => {
    let rig: ClusterRig;
    let host: Host;
    const sent: ServiceRequest[] = [];
    let isDown = false;
    beforeAll(async () => {
      rig = await startCluster(nodes, {
        senders: {
          send: async (request) => {
            if (isDown) throw new Error('the target is down');
            sent.push(request);
          },
          load: async () => {},
          close: async () => {},
        },
      });
      host = rig.host();
      const service = serviceOf(host);
      const attributes = [{ jsonPath: 'id' }];
      for (const inputName of ['I', 'Told'])
        await createInput(service, { inputName, inputDefinition: { attributes } });
      await createDetectorModel(service, countingModel('Counter', 'I'));
      await createDetectorModel(service, countingModel('ToldCounter', 'Told'));
      await createDetectorModel(service, WATCHING as ModelRequest);
    }, 120_000);
    afterAll(() => rig.dispose());

    const counted = async (modelName: string, keyValue: string) => {
      const view = await host.describe({ kind: 'detector', modelName, keyValue });
      return view.kind === 'detector' ? view.variables.find(({ name }) => name === 'n')?.value : undefined;
    };

    test('evaluates messages, once each, and shows what became of them', async () => {
      const messages = Array.from({ length: 40 }, (_, n) => message(`m${n}`, { id: `k${n % 4}` }));
      expect(await host.put(messages)).toEqual(messages.map(() => undefined));
      expect(await host.put(messages)).toEqual(messages.map(() => undefined));
      for (let n = 0; n < 4; n++) expect(await counted('Counter', `k${n}`)).toBe('10');
      // Another front has the same data.
      const { items } = await rig.host().list({ kind: 'detector', modelName: 'Counter', maxResults: 10 });
      expect(items.map(({ keyValue }) => keyValue).sort()).toEqual(['k0', 'k1', 'k2', 'k3']);
    });

    test('refuses what it cannot take, with the words of one machine', async () => {
      const [unknown, keyless] = await host.put([
        message('u', { id: 'a' }, 'Nope'),
        message('k', { other: 1 }),
      ]);
      expect(unknown).toMatchObject({
        code: 'ResourceNotFoundException',
        message: 'Input of name: Nope not found',
      });
      expect(keyless).toMatchObject({
        code: 'InvalidRequestException',
        message: expect.stringContaining('no value at the key id'),
      });
      await expect(
        host.describe({ kind: 'detector', modelName: 'Counter', keyValue: 'none' }),
      ).rejects.toThrow('not found');
    });

    test('fires timers, sends actions and carries messages from model to model', async () => {
      await host.put([message('t1', { id: 'w1' }), message('t2', { id: 'w1' })]);
      await vi.waitFor(async () => expect(await counted('ToldCounter', 'w1')).toBe('1'), WAIT);
      const publishes = sent.filter(({ input }) => String(input.Message).includes('"keyValue":"w1"'));
      expect(publishes).toHaveLength(1);
      const { actions } = await host.actions.list({ keyValue: 'w1' }, { maxResults: 10 });
      expect(actions.map(({ type, status }) => [type, status]).sort()).toEqual([
        ['iotEvents', 'DELIVERED'],
        ['sns', 'DELIVERED'],
      ]);
    });

    test('keeps an action for a target that is down, and sends it when it is back', async () => {
      isDown = true;
      await host.put([message('d1', { id: 'down' })]);
      const listed = async () =>
        (await host.actions.list({ keyValue: 'down', type: 'sns' }, { maxResults: 5 })).actions;
      await vi.waitFor(async () => expect((await listed())[0]?.lastError).toContain('is down'), WAIT);
      isDown = false;
      await vi.waitFor(async () => expect((await listed())[0]?.status).toBe('DELIVERED'), WAIT);
    });

    test('an update resets the detectors: nothing of the old version is left or fires', async () => {
      await host.put([message('r1', { id: 'reset' })]);
      await updateDetectorModel(serviceOf(host), {
        ...(WATCHING as ModelRequest),
        detectorModelDescription: 'second',
      });
      await expect(
        host.describe({ kind: 'detector', modelName: 'Watching', keyValue: 'reset' }),
      ).rejects.toThrow('not found');
      // If the update took longer than a second, the timer fired before it.
      await settled(rig, 'tripline');
      const before = sent.length;
      await host.put([message('r2', { id: 'other' })]);
      await vi.waitFor(() => expect(sent.length).toBeGreaterThan(before), WAIT);
      const late = sent.slice(before).map(({ input }) => String(input.Message));
      expect(late.filter((text) => text.includes('"keyValue":"reset"'))).toEqual([]);
    });

    test('commands set and delete a detector', async () => {
      const named = { modelName: 'Counter', keyValue: 'k0' };
      const state = { stateName: 'Counting', variables: [{ name: 'n', value: '77' }], timers: [] };
      expect(await host.command([{ type: 'SetDetectorState', ...named, state }])).toEqual([undefined]);
      expect(await counted('Counter', 'k0')).toBe('77');
      expect(await host.command([{ type: 'DeleteDetector', ...named }])).toEqual([undefined]);
      expect(await host.command([{ type: 'DeleteDetector', ...named }])).toMatchObject([
        { code: 'ResourceNotFoundException' },
      ]);
    });

    test(
      'killed nodes lose nothing that was acknowledged, and count nothing twice',
      async () => {
        const acknowledged = new Map<string, number>();
        let isOver = false;
        let refused = 0;
        const load = Array.from({ length: 8 }, async (_, client) => {
          const key = `crash-${client}`;
          for (let n = 1; !isOver; n++) {
            for (;;) {
              const outcome = await host
                .put([message(`${key}-${n}`, { id: key })])
                .catch(() => [{ code: 'x' }]);
              if (outcome[0] === undefined) break;
              refused++;
            }
            acknowledged.set(key, n);
          }
        });
        const total = () => [...acknowledged.values()].reduce((sum, n) => sum + n, 0);
        const more = (by: number) => {
          const least = total() + by;
          return vi.waitFor(() => expect(total()).toBeGreaterThan(least), { timeout: 60_000 });
        };
        for (let round = 0; round < KILLS; round++) {
          await more(40);
          const node = rig.servers.nodes[round % nodes] as RestateNode;
          node.child.kill('SIGKILL');
          await new Promise((resolve) => node.child.once('exit', resolve));
          node.start();
        }
        await more(40);
        isOver = true;
        await Promise.all(load);
        for (const [key, n] of acknowledged) expect(await counted('Counter', key), key).toBe(String(n));
        console.log(
          `${KILLS} kills of ${nodes} node(s): ${total()} messages acknowledged, ${refused} refused, sent again`,
        );
      },
      60_000 + 60_000 * KILLS,
    );
  },
);
