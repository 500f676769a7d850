import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RowConstant, rowConstant } from '../row-writer.ts';
import { encodeFrame, readFrames } from './frame.ts';
import type { Change } from './store.ts';
import { WrittenRows } from './written-rows.ts';

const piece = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  // Around the length from which a piece is written as a whole.
  fc
    .tuple(fc.constantFrom('a', 'é', '€', '🔥'), fc.integer({ min: 40, max: 60 }))
    .map(([unit, count]) => unit.repeat(count)),
  fc.integer({ min: 0, max: 200_000 }).map((count) => 'x'.repeat(count)),
);
const number = fc.oneof(
  fc.maxSafeNat(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(0, -0, 9, 10, 99_999_999, 100_000_000, 2_147_483_648, Number.MAX_SAFE_INTEGER, 2 ** 53),
);
/** A text to be written as JSON. */
const json = fc.string({
  unit: fc.constantFrom('a', ' ', '"', '\\', '\n', '\u007f', 'é', '\ud800'),
  maxLength: 60,
});
const jsonPiece = json.map((text) => ({ json: text }));
const constant = fc.string({ unit: fc.constantFrom('a', '"', 'é', '🔥'), maxLength: 30 }).map(rowConstant);
const text = fc.array(fc.oneof(piece, number, constant, jsonPiece), { maxLength: 5 });
const change = fc.tuple(text, fc.option(text));
const changes = fc.array(change, { maxLength: 20 });

type Pieces = readonly (string | number | RowConstant | { readonly json: string })[];

function write(rows: WrittenRows, list: readonly (readonly [Pieces, Pieces | null])[]): Change[] {
  const add = (pieces: Pieces) => {
    for (const each of pieces) {
      if (typeof each === 'string') rows.text(each);
      else if (typeof each === 'number') rows.number(each);
      else if ('json' in each) rows.json(each.json);
      else rows.constant(each);
    }
    rows.end();
  };
  for (const [key, value] of list) {
    add(key);
    if (value === null) rows.deleted();
    else add(value);
  }
  const textOf = (pieces: Pieces) =>
    pieces.map((each) => (typeof each === 'object' ? objectText(each) : String(each))).join('');
  return list.map(([key, value]) => [textOf(key), value === null ? null : textOf(value)]);
}

function objectText(piece: RowConstant | { readonly json: string }): string {
  return 'json' in piece ? JSON.stringify(piece.json) : piece.text;
}

test('written rows are the changes that their pieces make, also when they are used again', () => {
  const rows = new WrittenRows();
  fc.assert(
    fc.property(changes, (list) => {
      rows.clear();
      const expected = write(rows, list);
      expect([...rows]).toEqual(expected);
      expect(rows.length).toBe(expected.length);
      expect(rows.size).toBe(Buffer.byteLength(expected.flat().join('')));
    }),
  );
});

test('every kind of piece may be the one for which the memory grows', () => {
  const pieces: Pieces = [
    'plain',
    'ascii and é',
    '🔥'.repeat(30),
    123,
    rowConstant('constant'),
    { json: 'a"b' },
  ];
  for (const each of pieces)
    for (let room = 0; room < 200; room++) {
      const rows = new WrittenRows();
      // Long pieces would make more room than they need.
      const filled = new Array<string>(2000).fill('x'.repeat(32));
      const rest = new Array<string>(64 * 1024 - 2000 * 32 - room).fill('x');
      const list = [[[...filled, ...rest, each], [each]]] as const;
      const expected = write(rows, list);
      if (Buffer.from(expected.flat().join('')).equals(rows.bytes)) continue;
      throw new Error(`${JSON.stringify(each)} with room for ${room}`);
    }
});

test('a frame of written rows has the bytes of one of the same changes', () => {
  const row = fc.tuple(fc.string({ unit: 'grapheme' }), fc.option(fc.string({ unit: 'grapheme' })));
  const range = fc.record({ from: fc.string(), to: fc.string() });
  fc.assert(
    fc.property(changes, fc.array(row), fc.array(range, { maxLength: 2 }), (list, others, dropState) => {
      const written = new WrittenRows();
      const state = write(written, list);
      const frame = encodeFrame(1, 2, { state: written, rows: others, dropState });
      expect(frame.equals(encodeFrame(1, 2, { state, rows: others, dropState }))).toBe(true);
      expect([...readFrames(frame)][0]?.changes()).toEqual({ state, rows: others, dropState });
    }),
  );
});

test('more than can be read as one text is refused, and leaves the rows usable', () => {
  const rows = new WrittenRows();
  const long = 'x'.repeat(2 ** 28);
  expect(() => {
    for (let count = 0; count < 3; count++) rows.row('key', long);
  }).toThrow(RangeError);
  rows.clear();
  rows.row('key', 'value');
  expect([...rows]).toEqual([['key', 'value']]);
});
