import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digits } from './digits.ts';

test('returns what String returns', () => {
  const number = fc.oneof(fc.maxSafeNat(), fc.nat(2_000_000), fc.maxSafeInteger(), fc.double());
  fc.assert(fc.property(number, (each) => void expect(digits(each)).toBe(String(each))));
  for (const each of [0, 999, 1000, 1001, 10_010, 999_999, 1e6, 1e15, 2 ** 53 - 1, 2 ** 53, 1e21, -0])
    expect(digits(each)).toBe(String(each));
});
