import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf } from '../../test/support/text-row.ts';
import { fingerprintsOf, readChunk, renderId, writeChunk } from './chunk-row.ts';

const text = fc.oneof(
  fc.stringMatching(/^[\w.:-]{0,40}$/),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('"', '\\', ',', '],["', '\n', '\u2028', '\ud800', ''),
);
const ids = fc.array(fc.record({ inputName: text, messageId: text }), { maxLength: 6 });

test('a row is what JSON.stringify writes, and is read as what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), ids, (time, seed, list) => {
      const pairs = list.map(({ inputName, messageId }) => [inputName, messageId] as const);
      const row = JSON.stringify({ time, ids: pairs });
      expect(textOf((out) => writeChunk(time, list, out))).toBe(row);
      for (const id of list) expect(row).toContain(renderId(id));
      const found: number[] = [];
      expect(readChunk(row, seed, (fingerprint) => found.push(fingerprint))).toBe(time);
      const parsed = (JSON.parse(row) as { ids: [string, string][] }).ids;
      const fingerprintOf = fingerprintsOf(seed);
      expect(found).toEqual(parsed.map(([inputName, messageId]) => fingerprintOf(inputName, messageId)));
    }),
    { numRuns: 500 },
  );
});
