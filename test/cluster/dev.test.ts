import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort } from '../support/server-process.ts';
import { WHY_NOT } from './rig.ts';

/** `tripline cluster dev`, as it is typed. */
const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));
const LONG = { timeout: 90_000, interval: 100 };

describe.skipIf(WHY_NOT !== undefined)(`tripline cluster dev (${WHY_NOT ?? 'runs'})`, () => {
  let folder: string;
  let port: number;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tripline-dev-'));
    port = await freePort();
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  function start(...flags: string[]) {
    const args = [
      'cluster',
      'dev',
      '--port',
      String(port),
      '--workers',
      '1',
      '--data-dir',
      join(folder, 'data'),
    ];
    const child = spawn(process.execPath, [BIN, ...args, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    return { child, exited, says: (text: string) => vi.waitFor(() => expect(output).toContain(text), LONG) };
  }
  const isOpen = (at: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(at, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.unref();
    });
  /** Whether something is left of the nodes. */
  const isLeft = async () => {
    const ports = JSON.parse(await readFile(join(folder, 'data', 'ports.json'), 'utf8')) as number[];
    return (await Promise.all(ports.map(isOpen))).includes(true);
  };

  test('says where it is, keeps its data, and leaves nothing behind', async () => {
    const client = new ApiClient(`http://127.0.0.1:${port}`);
    const first = start('--nodes', '1');
    await first.says(`are at http://127.0.0.1:${port}; actions are recorded`);
    await client.call('POST', '/inputs', {
      inputName: 'I',
      inputDefinition: { attributes: [{ jsonPath: 'a' }] },
    });
    first.child.kill('SIGTERM');
    expect([await first.exited, await isLeft()]).toEqual([0, false]);

    const second = start('--nodes', '1');
    await second.says(`are at http://127.0.0.1:${port}`);
    const { inputSummaries } = await client.call('GET', '/inputs');
    expect(inputSummaries).toMatchObject([{ inputName: 'I' }]);
    second.child.kill('SIGTERM');
    expect([await second.exited, await isLeft()]).toEqual([0, false]);

    const other = start('--nodes', '2');
    await other.says('data belongs to a cluster of 1 node(s): add --nodes 1, or use another --data-dir');
    expect(await other.exited).toBe(1);
  }, 240_000);

  test('stops while it starts', async () => {
    const early = start('--nodes', '1');
    await early.says('starting Restate');
    await vi.waitFor(async () => expect(await isLeft()).toBe(true), LONG);
    early.child.kill('SIGTERM');
    expect([await early.exited, await isLeft()]).toEqual([0, false]);
  }, 120_000);

  test.each([
    [['--nodes', 'many'], 2, '--nodes must be a whole number of at least 1: many'],
    [['--workers', '0'], 2, '--workers must be a whole number of at least 1: 0'],
  ])('refuses %j', async (flags, code, message) => {
    const run = start(...flags);
    await run.says(message);
    expect(await run.exited).toBe(code);
  });
});
