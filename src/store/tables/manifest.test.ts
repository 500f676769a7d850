import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { maskedCrc32c } from './crc32c.ts';
import { readTables } from './manifest.ts';

/** Manifest contents that LevelDB rarely writes; `check.test.ts` covers the common ones. */
const directory = mkdtempSync(join(tmpdir(), 'tripline-manifest-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const WHOLE = 1;

function record(...edit: number[]): Buffer {
  const checked = Buffer.from([WHOLE, ...edit]);
  const header = Buffer.alloc(6);
  header.writeUInt32LE(maskedCrc32c(checked));
  header.writeUInt16LE(edit.length, 4);
  return Buffer.concat([header, checked]);
}

function tablesOf(...records: Buffer[]): Promise<ReadonlyMap<number, number>> {
  writeFileSync(join(directory, 'CURRENT'), 'MANIFEST-000001\n');
  writeFileSync(join(directory, 'MANIFEST-000001'), Buffer.concat(records));
  return readTables(directory);
}

/** Table 5 of 300 bytes. */
const added = record(7, 0, 5, 0xac, 2, 1, 97, 1, 98);

test('the rest of a block that is too short for a header is skipped', async () => {
  for (let rest = 0; rest < 7; rest++) {
    const length = 32 * 1024 - 7 - 4 - rest;
    const name = [1, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    const filler = record(...name, ...Buffer.alloc(length));
    expect(await tablesOf(filler, Buffer.alloc(rest), added)).toEqual(new Map([[5, 300]]));
  }
});

test('a table that moves to another level stays', async () => {
  expect(await tablesOf(added, record(6, 0, 5, 7, 1, 5, 0xac, 2, 1, 97, 1, 98))).toEqual(new Map([[5, 300]]));
  expect(await tablesOf(added, record(6, 0, 5))).toEqual(new Map());
});

test('an unknown field is refused', async () => {
  await expect(tablesOf(added, record(10, 1))).rejects.toThrow('field 10');
});
