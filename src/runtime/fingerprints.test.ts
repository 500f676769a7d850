import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fingerprints } from './fingerprints.ts';

/** Few distinct fingerprints, so that they collide and repeat; some are adjacent in the same part. */
const fingerprint = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(-1, -2, -16, 0x7fff_ffff, -0x8000_0000),
);

test('behaves like a plain list of pairs', () => {
  const operation = fc.record({
    fingerprint,
    value: fc.integer({ min: -3, max: 3 }),
    isDeleted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
      const fingerprints = new Fingerprints();
      const list: [number, number][] = [];
      for (const { fingerprint: one, value, isDeleted } of operations) {
        const at = list.findIndex(([key, held]) => key === one && held === value);
        if (!isDeleted) {
          fingerprints.add(one, value);
          list.push([one, value]);
        } else if (at >= 0) {
          fingerprints.delete(one, value);
          list.splice(at, 1);
        }
        for (const [key] of [...list, [one] as const]) {
          const expected = list.filter(([each]) => each === key).map(([, held]) => held);
          expect(fingerprints.has(key)).toBe(expected.length > 0);
          expect(fingerprints.valuesOf(key).sort()).toEqual(expected.sort());
        }
      }
    }),
  );
});

test('grows and shrinks', () => {
  const fingerprints = new Fingerprints();
  // Some hundreds in each part.
  const all = Array.from({ length: 300_000 }, (_, n) => Math.imul(n + 1, 0x9e3779b1));
  const wrong = (left: number) =>
    all.filter((each, n) => String(fingerprints.valuesOf(each)) !== (n < left ? String(n) : ''));
  for (const [n, each] of all.entries()) fingerprints.add(each, n);
  expect(wrong(all.length)).toEqual([]);
  for (const [n, each] of all.entries()) if (n >= 100) fingerprints.delete(each, n);
  expect(wrong(100)).toEqual([]);
});
