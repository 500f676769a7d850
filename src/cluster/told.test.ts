import { expect, test } from 'vitest';
import type { Execution } from '../runtime/delivery/execution.ts';
import { Told } from './told.ts';

const ended = (id: number, attempts = 1) =>
  ({ actionExecutionId: String(id), status: 'DELIVERED', attempts }) as Execution;

test('the end of an execution is reported once, and another attempt is a new one', () => {
  const told = new Told();
  expect(told.newOf([ended(1), ended(2)])).toEqual([ended(1), ended(2)]);
  expect(told.newOf([ended(2), ended(2, 2), ended(3)])).toEqual([ended(2, 2), ended(3)]);
  expect(told.newOf([ended(1), ended(3)])).toEqual([]);
});

test('the oldest are forgotten, the newest are not', () => {
  const told = new Told();
  told.newOf(Array.from({ length: 10_001 }, (_, id) => ended(id)));
  expect(told.newOf([ended(0), ended(10_000)])).toEqual([ended(0)]);
});
