import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexOf } from './search.ts';

test('finds what String.indexOf finds, also for long texts', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
  const long = fc.tuple(letters, fc.constantFrom(1, 300, 2000)).map(([text, times]) => text.repeat(times));
  fc.assert(
    fc.property(long, long, letters, fc.nat(50), (text, part, tail, from) => {
      expect(indexOf(text + tail, part, from)).toBe((text + tail).indexOf(part, from));
      expect(indexOf(text + part, part + tail)).toBe((text + part).indexOf(part + tail));
    }),
    { numRuns: 500 },
  );
});
