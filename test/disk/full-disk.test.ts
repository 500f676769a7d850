import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTER_INPUT, COUNTER_MODEL } from '../crash/counter-model.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { smallDisk } from '../support/small-disk.ts';

/** A server on a real, separate disk that is filled, and made read-only, while clients write. */
const MEGABYTES = 64;
const { path: disk, missing, remove } = smallDisk(MEGABYTES);

let server: ServerProcess;
let sent = 0;
let acknowledged = 0;

beforeAll(async () => {
  if (missing !== undefined) return;
  const flags = ['--data-dir', join(disk, 'data'), '--actions', 'record', '--log-level', 'error'];
  server = new ServerProcess(await freePort(), flags);
  await server.start();
  await call('POST', '/inputs', COUNTER_INPUT);
  await call('POST', '/detector-models', COUNTER_MODEL);
});

afterAll(async () => {
  if (missing === undefined) await server.stop('SIGKILL');
  remove();
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is checked by what is expected of it
  readonly body: any;
}

async function call(method: string, path: string, body?: object): Promise<Answer> {
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(server.url + path, init);
  return { status: response.status, body: await response.json() };
}

/** Sends the next number, or repeats the last one until it is acknowledged. */
async function put(): Promise<Answer> {
  const n = acknowledged + 1;
  sent = n;
  const payload = Buffer.from(JSON.stringify({ key: 'k', n, pad: 'x'.repeat(900) })).toString('base64');
  const answer = await call('POST', '/inputs/messages', {
    messages: [{ messageId: `m${n}`, inputName: 'Count', payload }],
  });
  if (answer.status === 200) {
    expect(answer.body.BatchPutMessageErrorEntries).toEqual([]);
    acknowledged = n;
  }
  return answer;
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${what} after 30 s: ${server.output}`);
    await pause(20);
  }
}

async function counted(): Promise<number> {
  const { body } = await call('GET', '/detectors/Counter/keyValues/?keyValue=k');
  const { variables } = body.detector.state as { variables: { name: string; value: string }[] };
  return Number(variables.find(({ name }) => name === 'count')?.value);
}

async function refusesAndRecovers(words: RegExp, breakDisk: () => void, mend: () => void): Promise<void> {
  for (let n = 0; n < 50; n++) expect((await put()).status).toBe(200);
  breakDisk();
  let refused: Answer | undefined;
  await until(async () => {
    const answer = await put();
    if (answer.status !== 200) refused = answer;
    return refused !== undefined;
  }, 'still taken');
  expect(refused?.status).toBe(503);
  expect(refused?.body.message).toMatch(/^The message store failed: /);
  await until(async () => (await fetch(`${server.url}/readyz`)).status === 503, 'still ready');
  expect((await put()).body.message).toMatch(words);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  mend();
  await until(async () => (await put()).status === 200, 'not taken again');
  for (let n = 0; n < 50; n++) expect((await put()).status).toBe(200);
  // Everything acknowledged counts, and repeated messages count once.
  expect(await counted()).toBe(acknowledged);
  expect(sent).toBe(acknowledged);
}

describe.skipIf(missing !== undefined)(
  `a server whose disk fails${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    test('because it is full refuses writes, loses nothing, and goes on when there is room', async () => {
      const filler = join(disk, 'filler');
      await refusesAndRecovers(
        /no space left/i,
        () => {
          const { bavail, bsize } = statfsSync(disk);
          writeFileSync(filler, Buffer.alloc(bavail * bsize - 200_000));
        },
        () => rmSync(filler),
      );
    }, 120_000);

    test('and after a restart everything is there', async () => {
      await server.stop('SIGKILL');
      await server.start();
      expect(await counted()).toBe(acknowledged);
    }, 60_000);

    test('and one that is read-only is named at the start', async () => {
      await server.stop('SIGTERM');
      const remount = (mode: string) => execFileSync('mount', ['-o', `remount,${mode}`, disk]);
      remount('ro');
      await expect(server.start()).rejects.toThrow(
        /exited with 1:\n.*The data directory .*: .*read-only file system/is,
      );
      remount('rw');
      await server.start();
      expect(await counted()).toBe(acknowledged);
    }, 60_000);
  },
);
