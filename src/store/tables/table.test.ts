import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll, describe, expect, test } from 'vitest';
import { Random } from '../../../test/sim/random.ts';
import { maskedCrc32c } from './crc32c.ts';
import { Cursor } from './cursor.ts';
import { findDamage } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'tripline-table-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FOOTER = 48;
const MAGIC = 8;
const random = new Random(1);

/** Tables that LevelDB wrote. */
async function tablesOf(
  compression: boolean,
  rows: readonly (readonly [key: string, value: string])[],
): Promise<Buffer[]> {
  const directory = mkdtempSync(join(folder, 'db-'));
  const db = new ClassicLevel(directory, { compression });
  await db.batch(rows.map(([key, value]) => ({ type: 'put', key, value })));
  // Moves the rows into tables.
  await db.compactRange('', '~');
  await db.close();
  const names = readdirSync(directory).filter((name) => name.endsWith('.ldb'));
  return names.map((name) => readFileSync(join(directory, name)));
}

function textOf(words: number): string {
  return Array.from({ length: words }, () => random.int(0, 1e9).toString(36)).join(' ');
}

function rowsOf(count: number, words: number): [string, string][] {
  return Array.from({ length: count }, (_, n) => [`detector/0000000001/k${n}`, textOf(words)]);
}

/** The footer's contents: locations of metaindex and index, and the magic number. */
function saidIn(table: Buffer): (number | string)[] {
  const cursor = new Cursor(table.subarray(-FOOTER));
  const places = [cursor.varint(), cursor.varint(), cursor.varint(), cursor.varint()];
  return [...places, table.subarray(-MAGIC).toString('hex')];
}

/** Checks that any change between two bytes is detected in that part, or lies in unused bytes of the footer. */
function expectFound(table: Buffer, changed: Buffer, from: number, to: number): void {
  const part = findDamage(changed);
  const what = `the change between ${from} and ${to} of ${table.length}`;
  if (part !== undefined) {
    if (part.from >= to || part.to <= from)
      throw new Error(`${what} is found between ${part.from} and ${part.to}`);
  } else if (from < table.length - FOOTER) throw new Error(`${what} is not found`);
  else expect([what, saidIn(changed)]).toEqual([what, saidIn(table)]);
}

describe.each([
  ['compressed', true],
  ['not compressed', false],
])('tables that are %s', (_what, compression) => {
  test.each([
    ['a row', rowsOf(1, 1)],
    ['no value', [['', '']] as [string, string][]],
    ['many blocks', rowsOf(3000, 60)],
    ['large values', rowsOf(5, 100_000)],
    ['values that compress well', rowsOf(2000, 1).map(([key]): [string, string] => [key, 'x'.repeat(5000)])],
    [
      'keys that compress well',
      rowsOf(3000, 20).map(([key, value]): [string, string] => [key.repeat(40), value]),
    ],
  ])('with %s pass when undamaged', async (_rows, rows) => {
    const tables = await tablesOf(compression, rows);
    expect(tables.length).toBeGreaterThan(0);
    for (const table of tables) expect(findDamage(table)).toBeUndefined();
  });

  test('do not pass with any bit flipped', async () => {
    const [table = Buffer.alloc(0)] = await tablesOf(compression, rowsOf(40, 20));
    const changed = Buffer.from(table);
    for (let at = 0; at < table.length; at++) {
      const byte = table[at] as number;
      for (let bit = 0; bit < 8; bit++) {
        changed[at] = byte ^ (1 << bit);
        expectFound(table, changed, at, at + 1);
      }
      changed[at] = byte;
    }
  });

  test('do not pass with a part zeroed, and it is named', async () => {
    for (const table of await tablesOf(compression, [...rowsOf(1500, 60), ['large', textOf(50_000)]])) {
      for (let n = 0; n < 150; n++) {
        const changed = Buffer.from(table);
        const from = random.int(0, table.length - 1);
        const to = Math.min(table.length, from + random.int(1, 4096));
        changed.fill(0, from, to);
        if (!changed.equals(table)) expectFound(table, changed, from, to);
      }
    }
  });

  test('do not pass when truncated', async () => {
    const [table = Buffer.alloc(0)] = await tablesOf(compression, rowsOf(40, 20));
    for (let length = 0; length < table.length; length++)
      expect(findDamage(table.subarray(0, length))).toEqual({
        from: Math.max(0, length - FOOTER),
        to: length,
      });
  });
});

test('an unknown compression is not damage', async () => {
  const [table = Buffer.alloc(0)] = await tablesOf(false, rowsOf(40, 20));
  const cursor = new Cursor(table.subarray(-FOOTER));
  cursor.varint();
  cursor.varint();
  const from = cursor.varint();
  const to = from + cursor.varint();
  table[to] = 2;
  table.writeUInt32LE(maskedCrc32c(table.subarray(from, to + 1)), to + 1);
  expect(findDamage(table)).toBeUndefined();
});
