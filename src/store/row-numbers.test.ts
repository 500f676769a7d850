import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowNumbers } from './row-numbers.ts';

const key = fc.oneof(
  fc.nat(3000).map((number) => `detector/1/${number}`),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'x'.repeat(128 * 1024 - 4), 'y'.repeat(128 * 1024 - 3), 'z'.repeat(200_000)),
);
const step = fc.tuple(key, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));

/** `set` for a key in UTF-8, with other bytes before and after it. */
function set(numbers: RowNumbers, key: string, number: number): number | undefined {
  const bytes = Buffer.from(`<${key}>`);
  return numbers.set(bytes, 1, bytes.length - 1, number);
}

test('answers like a map', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.array(key), (steps, others) => {
      const numbers = new RowNumbers();
      const map = new Map<string, number>();
      for (const each of steps) {
        expect(set(numbers, ...each)).toBe(map.get(each[0]));
        map.set(...each);
      }
      for (const each of [...map.keys(), ...others]) {
        expect(set(numbers, each, 5)).toBe(map.get(each));
        map.set(each, 5);
      }
    }),
  );
});

test('keeps many keys', () => {
  const keyOf = (number: number) => `detector/1/device ${number} in the hall of machines`;
  for (const count of [20_000, 30_000]) {
    const numbers = new RowNumbers();
    for (let number = 0; number < count; number++) set(numbers, keyOf(number), number);
    for (let number = 0; number < count; number += 7) set(numbers, keyOf(number), -number);
    const wrong = Array.from({ length: count }, (_, number) => number).filter(
      (number) => set(numbers, keyOf(number), 5) !== (number % 7 === 0 ? -number : number),
    );
    expect(wrong).toEqual([]);
    expect(set(numbers, keyOf(count), 5)).toBeUndefined();
  }
});
