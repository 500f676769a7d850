import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import type { RestateHost } from '../../src/cluster/restate-host.ts';
import { countingModel } from '../support/service.ts';
import { message, serviceOf } from './models.ts';
import { enlist, frontOf, type Restate, startServers, WHY_NOT, workerOf } from './rig.ts';

/** Workers of another version take over. */
const PATIENT = { timeout: 60_000, interval: 50 };

describe.skipIf(WHY_NOT !== undefined)(`an upgrade of workers (${WHY_NOT ?? 'runs'})`, () => {
  let restate: Restate;
  beforeAll(async () => {
    restate = await startServers(1);
  }, 120_000);
  afterAll(() => restate.dispose());

  /** Eight clients that count, message after message. */
  function load(host: RestateHost) {
    const counts = Array.from({ length: 8 }, () => 0);
    let isOver = false;
    const clients = counts.map(async (_, client) => {
      for (let n = 1; !isOver; n++) {
        const [fault] = await host.put([message(`m${client}-${n}`, { id: `k${client}` })]);
        if (fault !== undefined) throw new Error(fault.message);
        counts[client] = n;
      }
    });
    return {
      /** Resolves when each client has had some more answers. */
      async goesOn() {
        const before = [...counts];
        await vi.waitFor(() => {
          for (const [client, n] of counts.entries()) expect(n).toBeGreaterThan((before[client] ?? 0) + 5);
        }, PATIENT);
      },
      async end(): Promise<readonly number[]> {
        isOver = true;
        await Promise.all(clients);
        return counts;
      },
    };
  }

  async function counted(host: RestateHost, keyValue: string): Promise<number> {
    const view = await host.describe({ kind: 'detector', modelName: 'Counter', keyValue });
    return view.kind === 'detector' ? Number(view.variables.find(({ name }) => name === 'n')?.value) : 0;
  }

  /** Invocations that a worker still has. */
  async function left(port: number): Promise<number> {
    const [row] = await restate.admin.query<{ n: number }>(
      'SELECT count(1) AS n FROM sys_invocation i JOIN sys_deployment d ON i.pinned_deployment_id = d.id ' +
        `WHERE d.endpoint LIKE '%:${port}/' AND i.status <> 'completed'`,
    );
    return row?.n ?? 0;
  }

  test('behind another address: what is under way ends where it began, and nothing is lost or doubled', async () => {
    const options = { cluster: 'moving' };
    const older = await workerOf(restate, 0, options);
    await enlist(restate, older, options);
    const host = frontOf(restate, options);
    await createInput(serviceOf(host), {
      inputName: 'I',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
    });
    await createDetectorModel(serviceOf(host), countingModel('Counter', 'I'));
    const clients = load(host);
    await clients.goesOn();
    const newer = await workerOf(restate, 0, options);
    await enlist(restate, newer, options);
    await vi.waitFor(async () => expect(await left(older.port)).toBe(0), PATIENT);
    await older.close();
    await clients.goesOn();
    const counts = await clients.end();
    for (const [client, n] of counts.entries()) expect(await counted(host, `k${client}`)).toBe(n);
    await host.close();
    await newer.close();
  }, 120_000);

  test('at the same address: Restate gets to know what it serves that the former one did not', async () => {
    const older = await workerOf(restate, 0, { cluster: 'former' });
    await enlist(restate, older, { cluster: 'former' });
    await older.close();
    const newer = await workerOf(restate, older.port, { cluster: 'present' });
    await enlist(restate, newer, { cluster: 'present' });
    const host = frontOf(restate, { cluster: 'present' });
    expect((await host.catalog()).inputs.size).toBe(0);
    await host.close();
    await newer.close();
  }, 60_000);
});
