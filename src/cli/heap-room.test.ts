import { expect, test } from 'vitest';
import { growthFor } from './heap-room.ts';

const MB = 2 ** 20;

test.each([
  ['a small heap grows to 192 MB', 32 * MB, 4144 * MB, 500],
  ['by less when the limit is low', 32 * MB, 256 * MB, 50],
  ['a larger one by 64 MB', 160 * MB, 4144 * MB, 40],
  ['and as V8 has it when that would be less', 300 * MB, 2096 * MB, 0],
  ['or when the limit is tiny', 32 * MB, 64 * MB, 0],
])('%s', (_, live, limit, percent) => {
  expect(growthFor(live, limit)).toBe(percent);
});
