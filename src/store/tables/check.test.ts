import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkTables } from './check.ts';
import { readTables } from './manifest.ts';

const folder = mkdtempSync(join(tmpdir(), 'tripline-tables-'));
const whole = join(folder, 'whole');

beforeAll(async () => {
  // Long keys make a long manifest; rewritten rows make tables that become obsolete.
  const sizes = { writeBufferSize: 64 * 1024, maxFileSize: 1024 * 1024 };
  const db = new ClassicLevel(whole, { ...sizes, compression: false });
  for (let n = 0; n < 600; n++) await db.put(`${n % 300}/${'k'.repeat(2000)}`, `${n} `.repeat(2000));
  await db.compactRange('', '~');
  await db.close();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function copyOfWhole(): string {
  const directory = mkdtempSync(join(folder, 'copy-'));
  cpSync(whole, directory, { recursive: true });
  return directory;
}

function namesIn(directory: string, pattern: RegExp): string[] {
  return readdirSync(directory).filter((name) => pattern.test(name));
}

function tablesIn(directory: string): string[] {
  return namesIn(directory, /\.ldb$/);
}

test('the manifest names the existing tables with their sizes', async () => {
  const [manifest = ''] = namesIn(whole, /^MANIFEST/);
  // More than one block of the manifest.
  expect(readFileSync(join(whole, manifest)).length).toBeGreaterThan(70_000);
  const there = tablesIn(whole).map((name): [number, number] => [
    Number.parseInt(name, 10),
    readFileSync(join(whole, name)).length,
  ]);
  expect(there.length).toBeGreaterThan(1);
  expect(await readTables(whole)).toEqual(new Map(there));
});

test('undamaged tables pass', async () => {
  await checkTables(whole);
});

test('a damaged table is named, with the position', async () => {
  for (const name of tablesIn(whole)) {
    const directory = copyOfWhole();
    const bytes = readFileSync(join(directory, name));
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(join(directory, name), bytes);
    await expect(checkTables(directory)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(
        new RegExp(
          `^The file ${name} in ${directory} is damaged between bytes 0 and \\d+\\. Restore a backup\\.$`,
        ),
      ),
    });
  }
});

test('a truncated table is named', async () => {
  const directory = copyOfWhole();
  const [name = ''] = tablesIn(directory);
  const { length } = readFileSync(join(directory, name));
  truncateSync(join(directory, name), 1000);
  await expect(checkTables(directory)).rejects.toThrow(
    `The file ${name} in ${directory} has 1000 of ${length} bytes. Restore a backup.`,
  );
});

test('an incomplete table left by a kill is ignored', async () => {
  const directory = copyOfWhole();
  const [name = ''] = tablesIn(directory);
  writeFileSync(join(directory, '009999.ldb'), readFileSync(join(directory, name)).subarray(0, 1000));
  await checkTables(directory);
});

test('damage that LevelDB detects itself is left to it', async () => {
  const directory = copyOfWhole();
  const [manifest = ''] = namesIn(directory, /^MANIFEST/);
  // A write cut off at the end by a kill is not damage.
  appendFileSync(join(directory, manifest), Buffer.from([1, 2, 3, 4, 100, 0, 1, 7]));
  await checkTables(directory);
  const [name = ''] = tablesIn(directory);
  rmSync(join(directory, name));
  await checkTables(directory);
  rmSync(join(directory, manifest));
  await checkTables(directory);
  rmSync(join(directory, 'CURRENT'));
  await checkTables(directory);
});
