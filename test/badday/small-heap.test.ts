import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';

/** A server whose heap is small. Real processes. */
const HEAP = 64;
const VERSIONS = 100;

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tripline-heap-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function newServer(dataDir: string, megabytes: number): Promise<ServerProcess> {
  const args = ['--data-dir', dataDir, '--actions', 'record'];
  const env = { NODE_OPTIONS: `--max-old-space-size=${megabytes}` };
  const server = new ServerProcess(await freePort(), args, env);
  cleanups.push(() => server.stop('SIGKILL'));
  return server;
}

/** A model with a definition of half a megabyte, which is nearly all that it may have. */
function largeModel(number: number) {
  const literal = `'${String(number).padStart(8, '0')}${'x'.repeat(980)}'`;
  const actions = [1, 2].map((n) => ({ setVariable: { variableName: `v${n}`, value: literal } }));
  const events = Array.from({ length: 20 }, (_, n) => ({
    ...{ eventName: `e${n}`, condition: 'currentInput("I")', actions },
  }));
  return {
    detectorModelName: 'Large',
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    detectorModelDefinition: {
      initialStateName: 'S0',
      states: Array.from({ length: 12 }, (_, n) => ({
        stateName: `S${n}`,
        onInput: {
          events,
          transitionEvents: [
            {
              eventName: 'on',
              condition: '$input.I.on',
              actions: [],
              nextState: `S${(n + 1) % 12}`,
            },
          ],
        },
      })),
    },
  };
}

const INPUT = { inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 'on' }] } };

test('many versions of a large definition need no memory, after a restart neither', async () => {
  const server = await newServer(folder(), HEAP);
  await server.start();
  const client = new ApiClient(server.url);
  await client.call('POST', '/inputs', INPUT);
  await client.call('POST', '/detector-models', largeModel(1));
  const bytes = JSON.stringify(largeModel(1).detectorModelDefinition).length;
  expect(bytes).toBeGreaterThan(480_000);
  expect(bytes * VERSIONS).toBeGreaterThan(0.7 * HEAP * 2 ** 20);
  for (let n = 2; n <= VERSIONS; n++) await client.call('POST', '/detector-models/Large', largeModel(n));
  const check = async () => {
    for (const version of [1, 2, VERSIONS - 1, VERSIONS]) {
      const { detectorModel } = await client.call('GET', `/detector-models/Large?version=${version}`);
      const { detectorModelDefinition } = largeModel(version);
      const status = version === VERSIONS ? 'ACTIVE' : 'INACTIVE';
      expect(detectorModel).toMatchObject({ detectorModelConfiguration: { status } });
      expect((detectorModel as { detectorModelDefinition: unknown }).detectorModelDefinition).toMatchObject(
        detectorModelDefinition,
      );
    }
    const list = await client.call('GET', '/detector-models/Large/versions?maxResults=250');
    expect(list.detectorModelVersionSummaries).toHaveLength(VERSIONS);
  };
  await check();
  expect(await server.stop('SIGTERM')).toBe(0);
  await server.start();
  await check();
  expect(await server.stop('SIGTERM')).toBe(0);
}, 180_000);
