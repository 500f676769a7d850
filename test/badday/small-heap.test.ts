import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';

/** A server with a small heap. Uses real processes. */
const HEAP = 64;
const VERSIONS = 100;
const DETECTORS = 250;

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

/** A model with a definition of half a megabyte, close to the limit. */
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

test('a start whose heap is too small says how much is needed, and that much is enough', async () => {
  const dataDir = folder();
  const roomy = await newServer(dataDir, 1024);
  await roomy.start();
  const client = new ApiClient(roomy.url);
  await client.call('POST', '/inputs', INPUT);
  await client.call('POST', '/detector-models', hoarder());
  const put = (from: number) =>
    client.call('POST', '/inputs/messages', {
      messages: Array.from({ length: 10 }, (_, n) => {
        const payload = Buffer.from(JSON.stringify({ id: `d${from + n}`, on: false })).toString('base64');
        return { messageId: `m${from + n}`, inputName: 'I', payload };
      }),
    });
  for (let n = 0; n < DETECTORS; n += 10) await put(n);
  expect(await roomy.stop('SIGTERM')).toBe(0);

  const cramped = await newServer(dataDir, HEAP);
  const child = cramped.launch();
  const [code] = await once(child, 'close');
  expect(cramped.output).toMatch(
    /^tripline: .*needs about \d+ MB of heap, but this process is limited to \d+ MB/m,
  );
  expect(cramped.output).not.toContain('FATAL');
  expect(code).toBe(1);
  const enough = Number(/NODE_OPTIONS=--max-old-space-size=(\d+)/.exec(cramped.output)?.[1]);
  expect(enough).toBeLessThan(1024);

  const again = await newServer(dataDir, enough);
  await again.start();
  const { detector } = await new ApiClient(again.url).call('GET', '/detectors/Hoarder/keyValues?keyValue=d7');
  expect(JSON.stringify(detector).length).toBeGreaterThan(200_000);
  await expect.poll(() => again.output).toContain(`"detectors":${DETECTORS}`);
  expect(await again.stop('SIGTERM')).toBe(0);
}, 120_000);

/** A model whose detectors have about 240 kB of variables each, close to the limit. */
function hoarder() {
  const set = (variableName: string, value: string) => ({ setVariable: { variableName, value } });
  const doubled = Array.from({ length: 4 }, () => set('v0', '$variable.v0 + $variable.v0'));
  const others = Array.from({ length: 14 }, (_, n) => set(`v${n + 1}`, '$variable.v0'));
  const actions = [set('v0', `'${'x'.repeat(1000)}'`), ...doubled, ...others];
  const groups = [actions.slice(0, 10), actions.slice(10)];
  return {
    detectorModelName: 'Hoarder',
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    evaluationMethod: 'SERIAL',
    detectorModelDefinition: {
      initialStateName: 'Full',
      states: [
        {
          stateName: 'Full',
          onInput: {
            events: groups.map((each, n) => ({
              ...{ eventName: `e${n}`, condition: 'currentInput("I")', actions: each },
            })),
          },
        },
      ],
    },
  };
}
