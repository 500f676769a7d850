import { expect, test } from 'vitest';
import { uncompress } from './snappy.ts';

const long = Array.from({ length: 300 }, (_, n) => String.fromCharCode(65 + (n % 57))).join('');

/** Bytes and texts, concatenated. */
function made(...parts: (number | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
}

test.each([
  ['nothing', made(0), ''],
  ['a text', made(3, 2 << 2, 'abc'), 'abc'],
  ['a text with its length in one byte', made(100, 60 << 2, 99, long.slice(0, 100)), long.slice(0, 100)],
  ['a text with its length in two bytes', made(0xac, 2, 61 << 2, 43, 1, long), long],
  ['a copy with a short distance', made(7, 2 << 2, 'abc', 1, 3), 'abcabca'],
  ['a copy with a distance in two bytes', made(6, 2 << 2, 'abc', (2 << 2) | 2, 3, 0), 'abcabc'],
  ['a copy with a distance in four bytes', made(6, 2 << 2, 'abc', (2 << 2) | 3, 3, 0, 0, 0), 'abcabc'],
  [
    'a copy from far away',
    made(0xb0, 2, 61 << 2, 43, 1, long, (1 << 5) | 1, 300 - 256),
    long + long.slice(0, 4),
  ],
])('%s', (_what, compressed, text) => {
  expect(uncompress(compressed).toString()).toBe(text);
});

test.each([
  ['a text that ends too early', made(3, 2 << 2, 'ab')],
  ['a copy of what is not there', made(7, 2 << 2, 'abc', 1, 4)],
  ['a copy of itself', made(7, 2 << 2, 'abc', 1, 0)],
  ['less than it says', made(4, 2 << 2, 'abc')],
  ['more than it says', made(2, 2 << 2, 'abc')],
])('%s is refused', (_what, compressed) => {
  expect(() => uncompress(compressed)).toThrow(RangeError);
});
