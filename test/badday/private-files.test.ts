import { execFile } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';
import { defineActing, readings } from './acting-model.ts';

/**
 * What other users of the machine can read of a server, and where they can redirect its writes. Uses real processes.
 */
const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));

let folder: string;
let server: ServerProcess | undefined;
let umask: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-private-'));
  // The least strict setting: everybody may read and write what a process creates.
  umask = process.umask(0);
});

afterEach(async () => {
  process.umask(umask);
  await server?.stop('SIGKILL');
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const tripline = (...args: string[]) => promisify(execFile)(process.execPath, [BIN, ...args]);

/** Starts a server with every kind of file, and frequent checkpoints. */
async function serve(dataDir: string): Promise<ServerProcess> {
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify({ limits: { checkpointBytes: 2000 } }));
  server = new ServerProcess(await freePort(), [
    ...['--data-dir', dataDir, '--config', config, '--actions', 'record', '--history'],
    ...['--evaluation-log', join(folder, 'log', 'evaluations.log')],
  ]);
  await server.start();
  return server;
}

async function evaluate({ url }: ServerProcess, keys: readonly string[]): Promise<void> {
  const client = new ApiClient(url);
  for (const key of keys) await client.call('POST', '/inputs/messages', readings(key, [1, 2, 3, 4, 5]));
}

/** Every file and folder at a path and below it. */
function everything(path: string): string[] {
  if (!lstatSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path).flatMap((name) => everything(join(path, name)))];
}

function openToOthers(path: string): string[] {
  return everything(path)
    .map((each) => `${(lstatSync(each).mode & 0o777).toString(8)} ${each}`)
    .filter((each) => !each.startsWith('600 ') && !each.startsWith('700 '));
}

test('nobody else can read a data directory, a restored one, a backup, or the evaluation log', async () => {
  const dataDir = join(folder, 'data');
  const first = await serve(dataDir);
  await defineActing(first.url, 'http://127.0.0.1/q');
  const detectorDebugOptions = [{ detectorModelName: 'Acting' }];
  const loggingOptions = { roleArn: 'arn:aws:iam::000000000000:role/r', level: 'DEBUG', enabled: true };
  await new ApiClient(first.url).call('PUT', '/logging', {
    loggingOptions: { ...loggingOptions, detectorDebugOptions },
  });
  const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
  await evaluate(first, keys);
  const file = join(folder, 'backup.gz');
  await tripline('backup', file, '--url', first.url);
  expect(await first.stop('SIGTERM')).toBe(0);
  const log = join(folder, 'log');
  expect(readFileSync(join(log, 'evaluations.log'), 'utf8')).toContain('k19');
  // LevelDB's files and ours, created at the start and while running.
  expect(everything(dataDir).length).toBeGreaterThan(5);
  expect([dataDir, log, file].flatMap(openToOthers)).toEqual([]);

  const restored = join(folder, 'restored');
  await tripline('restore', file, '--data-dir', restored);
  expect(openToOthers(restored)).toEqual([]);
  await evaluate(await serve(restored), ['k-after']);
  expect(openToOthers(restored)).toEqual([]);
});

test('a link that somebody has planted where a file is written first is not followed', async () => {
  const { url } = await serve(join(folder, 'data'));
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  const devices = join(folder, 'devices.json');
  const backup = join(folder, 'backup.gz');
  for (const file of [devices, backup])
    for (const suffix of ['writing', 'new', 'tmp']) symlinkSync(victim, `${file}.${suffix}`);
  await tripline('devices', 'add', 'pump-7', '--file', devices);
  await tripline('backup', backup, '--url', url);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  for (const file of [devices, backup]) {
    expect(lstatSync(file).isFile()).toBe(true);
    expect((lstatSync(file).mode & 0o777).toString(8)).toBe('600');
  }
  expect(JSON.parse(readFileSync(devices, 'utf8'))).toMatchObject({ devices: [{ name: 'pump-7' }] });
});
