import { expect, test } from 'vitest';
import {
  contextOf as contextWith,
  EPOCH,
  message,
  model,
  timer,
} from '../../../test/support/counting-slot.ts';
import { rowOf, rowsOf } from '../../../test/support/text-row.ts';
import { apply } from './apply.ts';
import type { Held } from './held.ts';
import { Sequence, Slot } from './slot.ts';

const contextOf = (slot: Slot, now: number) => contextWith(slot, now, 2);
const seconds = (keyValue: string) => timer(keyValue, 5);

test('runs commands in order, refuses some, and returns the changed rows', () => {
  const slot = new Slot(0, new Sequence(), 1);
  const { outcomes, turn } = apply(
    slot,
    [message('a'), message('b'), message('c'), seconds('a'), seconds('none')],
    contextOf(slot, 1000),
  );
  expect(outcomes.map((outcome) => outcome?.code)).toEqual([
    undefined,
    undefined,
    'InvalidRequestException',
    undefined,
    'ResourceNotFoundException',
  ]);
  expect(rowsOf(turn).map(([key]) => key)).toEqual(['detector/0000000001/a', 'detector/0000000001/b']);
  expect(slot.nextDue).toBe(6000);
});

test('rolls everything back, and repeats with the same result', () => {
  const slot = new Slot(0, new Sequence(), 1);
  apply(slot, [message('a')], contextOf(slot, 1000));
  const before = rowOf(slot.find(EPOCH, 'a') as Held);
  const commands = [message('a'), message('b'), seconds('b')];
  const first = apply(slot, commands, contextOf(slot, 2000));
  const rows = rowsOf(first.turn).map(([key, row]) => [key, row?.replace(/,\d+,2000/, ',')]);
  first.turn.rollBack();
  expect(rowOf(slot.find(EPOCH, 'a') as Held)).toBe(before);
  expect(slot.find(EPOCH, 'b')).toBeUndefined();
  const again = apply(slot, commands, contextOf(slot, 2000));
  expect(rowsOf(again.turn).map(([key, row]) => [key, row?.replace(/,\d+,2000/, ',')])).toEqual(rows);
});

test('fires due timers before running commands', () => {
  const slot = new Slot(0, new Sequence(), 1);
  apply(slot, [message('a'), seconds('a')], contextOf(slot, 1000));
  const { turn } = apply(slot, [message('a')], contextOf(slot, 6000));
  expect(turn.evaluated.map(({ trigger }) => trigger.type)).toEqual(['Timer', 'Message']);
});

test('an instance with an unreadable row refuses its own messages only', () => {
  const slot = new Slot(0, new Sequence(), 1);
  expect(slot.restore(model, 'a', '[5000,"Nowhere",1,0,0,{},[["t",5000,5,"RUNNING"]],[]]')).toBeUndefined();
  const { outcomes, unreadable } = apply(slot, [message('a'), message('b')], contextOf(slot, 6000));
  expect(outcomes.map((outcome) => outcome?.code)).toEqual(['InternalFailureException', undefined]);
  expect(unreadable).toEqual([
    { key: 'detector/0000000001/a', message: 'state Nowhere is not in the model' },
  ]);
});
