import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { quietLog } from '../../test/support/quiet.ts';
import { openAdmin } from './cluster-admin.ts';
import { CommandError } from './usage-error.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Opens an admin API of that version; what was warned of. */
async function open(version: string): Promise<string[]> {
  const own = createServer((_, response) => response.end(JSON.stringify({ version, rows: [] })));
  server = own;
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  const warned: string[] = [];
  const log = { ...quietLog, warn: (_: object, text: string) => void warned.push(text) };
  const restateAdmin = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
  await openAdmin({ restateAdmin }, 1000, log);
  return warned;
}

test.each(['1.7.0', '1.7.12'])('Restate %s is what Tripline has been tried with', async (version) => {
  expect(await open(version)).toEqual([]);
});

test.each(['1.8.0', '2.0.1'])('Restate %s is newer, and may do', async (version) => {
  expect(await open(version)).toEqual(['Restate is newer than what Tripline has been tried with (1.7)']);
});

test.each(['1.6.2', '0.9.9'])('Restate %s is too old', async (version) => {
  const opened = open(version);
  await expect(opened).rejects.toBeInstanceOf(CommandError);
  await expect(opened).rejects.toThrow(`Restate ${version} at http://127.0.0.1:`);
  await expect(opened).rejects.toThrow('is too old: Tripline needs 1.7');
});
