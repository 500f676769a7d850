import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { main } from '../../src/cli/main.ts';
import { COUNTER_INPUT, COUNTER_MODEL } from '../crash/counter-model.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { countingModel } from '../support/service.ts';

let folder: string;
let server: TestServer;
const errors: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tripline-backup-'));
  // Frequent checkpoints, so that the backup meets the journal and the state rows in every combination.
  server = await startTestServer({ checkpointBytes: 20_000 });
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
});

afterEach(() => {
  errors.length = 0;
});

afterAll(async () => {
  vi.restoreAllMocks();
  await server.dispose();
  await rm(folder, { recursive: true });
});

const tripline = (...args: string[]) => main(['node', 'tripline', ...args]);
const put = (url: string, key: string, n: number) => {
  const payload = Buffer.from(JSON.stringify({ key, n, id: key })).toString('base64');
  const messages = [{ messageId: `${key}-${n}`, inputName: 'Count', payload }];
  return new ApiClient(url).call('POST', '/inputs/messages', { messages });
};
async function count(url: string, model: string, key: string): Promise<number> {
  const { detector } = await new ApiClient(url).call('GET', `/detectors/${model}/keyValues?keyValue=${key}`);
  const { variables } = (detector as { state: { variables: { name: string; value: string }[] } }).state;
  return Number(variables.find(({ name }) => name === 'count' || name === 'n')?.value);
}

describe('a backup', () => {
  let file: string;

  test('taken under load is one moment of the server, and a server starts from it', async () => {
    file = join(folder, 'backup.gz');
    const client = new ApiClient(server.url);
    await client.call('POST', '/inputs', COUNTER_INPUT);
    await client.call('POST', '/detector-models', COUNTER_MODEL);
    await client.call('POST', '/detector-models', countingModel('Twin', 'Count'));
    const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
    const acknowledged = new Map(keys.map((key) => [key, 0]));
    let isOver = false;
    const load = keys.map(async (key) => {
      for (let n = 1; !isOver; n++) {
        await put(server.url, key, n);
        acknowledged.set(key, n);
      }
    });
    const enough = () => [...acknowledged.values()].every((n) => n >= 20);
    await vi.waitFor(() => expect(enough()).toBe(true), 30_000);
    const before = new Map(acknowledged);
    expect(await tripline('backup', file, '--url', server.url)).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const after = new Map(acknowledged);
    isOver = true;
    await Promise.all(load);

    const dataDir = join(folder, 'restored');
    expect(await tripline('restore', file, '--data-dir', dataDir)).toBe(0);
    const restored = await startTestServer({}, { dataDir });
    try {
      for (const key of keys) {
        const counted = await count(restored.url, 'Counter', key);
        // It contains everything acknowledged before, and nothing sent later.
        expect(counted).toBeGreaterThanOrEqual(before.get(key) ?? 0);
        expect(counted).toBeLessThanOrEqual((after.get(key) ?? 0) + 1);
        // Both models had evaluated the same messages.
        expect(await count(restored.url, 'Twin', key)).toBe(counted);
        await put(restored.url, key, counted);
        expect(await count(restored.url, 'Counter', key)).toBe(counted);
        await put(restored.url, key, counted + 1);
        expect(await count(restored.url, 'Counter', key)).toBe(counted + 1);
      }
    } finally {
      await restored.dispose();
    }
  }, 60_000);

  test('goes into a file system of its own, too', async () => {
    const dataDir = join(folder, 'mounted');
    await mkdir(join(dataDir, 'lost+found'), { recursive: true });
    expect(await tripline('restore', file, '--data-dir', dataDir)).toBe(0);
    const restored = await startTestServer({}, { dataDir });
    expect(await count(restored.url, 'Counter', 'k0')).toBeGreaterThan(0);
    await restored.dispose();
  });

  test('that fails on the way leaves an empty directory empty', async () => {
    const dataDir = join(folder, 'empty');
    await mkdir(dataDir);
    const cut = join(folder, 'half.gz');
    await writeFile(cut, (await readFile(file)).subarray(0, 2000));
    expect(await tripline('restore', cut, '--data-dir', dataDir)).toBe(1);
    expect(await readdir(dataDir)).toEqual([]);
  });

  const refused = async (args: string[], message: string) => {
    expect(await tripline(...args)).toBe(1);
    expect(errors.join('')).toContain(message);
  };

  test('goes into an empty directory only', () =>
    refused(['restore', file, '--data-dir', folder], 'is not empty; name one that does not exist yet'));

  test('that is cut off is refused, and leaves nothing', async () => {
    const cut = join(folder, 'cut.gz');
    await writeFile(cut, await readFile(file));
    await truncate(cut, (await readFile(file)).length - 1000);
    await refused(['restore', cut, '--data-dir', join(folder, 'none')], 'unexpected end of file');
    await expect(readFile(join(folder, 'none', 'CURRENT'))).rejects.toThrow('ENOENT');
  });

  test.each([
    [
      'a row that was changed',
      (text: string) => text.replace('["r/input/Count"', '["r/input/Counr"'),
      'checksum',
    ],
    ['a row too few', (text: string) => text.replace(/\n\[.*\n/, '\n'), 'do not match its checksum'],
    ['no end', (text: string) => text.slice(0, text.lastIndexOf('{')), 'it ends after'],
    ['more after its end', (text: string) => `${text}["x",""]\n`, 'there is data after its end'],
    ['a row that is none', (text: string) => text.replace('\n["', '\n["['), 'cannot be'],
    [
      'another format',
      (text: string) => text.replace('"format":1', '"format":9'),
      'not a backup in the format of this version',
    ],
    ['nothing', () => '', 'it is empty'],
  ])('with %s is refused', async (_, change, message) => {
    const text = gunzipSync(await readFile(file)).toString();
    const changed = join(folder, 'changed.gz');
    expect(change(text)).not.toBe(text);
    await writeFile(changed, gzipSync(change(text)));
    await refused(['restore', changed, '--data-dir', join(folder, 'none')], message);
  });

  test('that is not gzip is not blamed on the data directory', async () => {
    const plain = join(folder, 'plain.txt');
    await writeFile(plain, 'no backup');
    await refused(['restore', plain, '--data-dir', join(folder, 'none')], 'it is not in gzip format');
    expect(errors.join('')).not.toContain('The data directory');
  });

  test('that is not there, or no server, is named', async () => {
    expect(await tripline('restore', join(folder, 'nowhere.gz'), '--data-dir', join(folder, 'none'))).toBe(2);
    expect(errors.join('')).toContain('nowhere.gz cannot be read: there is no such file or folder');
    await refused(['backup', join(folder, 'b.gz'), '--url', 'http://127.0.0.1:9'], 'No server listens at');
  });
});
