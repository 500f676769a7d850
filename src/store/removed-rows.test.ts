import { expect, test } from 'vitest';
import { RemovedRows } from './removed-rows.ts';

const keyOf = (group: string, number: number) => `${group}${String(number).padStart(10, '0')}`;

test('a range is worth compacting when many rows were removed in order, and begins anew then', () => {
  const removed = new RemovedRows();
  for (let number = 0; number < 99_999; number++) removed.add(keyOf('s/dedupe/', number));
  expect(removed.takeLarge()).toEqual([]);
  for (let number = 0; number < 100_000; number++) removed.add(keyOf('c/', number));
  removed.add(keyOf('s/dedupe/', 99_999));
  expect(removed.takeLarge()).toEqual([
    { from: 's/dedupe/', to: 's/dedupe/0000099999' },
    { from: 'c/', to: 'c/0000099999' },
  ]);
  expect(removed.takeLarge()).toEqual([]);
});

test('rows that are removed in any order are not', () => {
  const removed = new RemovedRows();
  for (let number = 0; number < 300_000; number++)
    removed.add(keyOf('s/detector/1/', Math.imul(number, 0x9e3779b1) >>> 0));
  expect(removed.takeLarge()).toEqual([]);
});
