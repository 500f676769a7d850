import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'tripline-devices-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const add = (name: string, ...flags: string[]) =>
  runCli('devices', 'add', name, '--file', join(folder, 'devices.json'), ...flags);

test('a device that may use no topic is added with a notice of the flags that grant topics', async () => {
  const notice =
    'tripline: pump-7 may connect, but neither publish nor subscribe to any topic; name its topics with --publish ' +
    "or --subscribe, such as --publish 'devices/${clientId}/#'\n";
  expect(await add('pump-7')).toEqual({ code: 0, out: expect.stringMatching(/^[\w-]{24}\n$/), err: notice });
  expect(await add('pump-7', '--certificate', 'pump-7')).toEqual({ code: 0, out: '', err: notice });
});

test.each(['--publish', '--subscribe'])('a device with %s is added without a notice', async (flag) => {
  expect(await add('pump-8', flag, 'pumps/${clientId}/#')).toMatchObject({ code: 0, err: '' });
});
