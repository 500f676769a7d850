import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextOf, EPOCH, message, model, timer } from '../../../test/support/counting-slot.ts';
import { rowOf, rowsOf } from '../../../test/support/text-row.ts';
import { ListedRows } from '../../stored-rows.ts';
import { apply, type SlotCommand } from './apply.ts';
import { DormantRows } from './dormant-rows.ts';
import { Deadline, Sequence, Slot } from './slot.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

const run = (slot: Slot, commands: readonly SlotCommand[], now: number) =>
  apply(slot, commands, contextOf(slot, now, 6));

function remove(keyValue: string): SlotCommand {
  return { type: 'Command', epoch: EPOCH, command: { type: 'DeleteDetector', modelName: 'M', keyValue } };
}

type StoredRow = readonly [key: string, row: string];

/** One with an entry for each row from the beginning, and one whose instances are dormant, in groups of a size. */
function slots(rows: readonly StoredRow[], size: number, deadline: Deadline): readonly [Slot, Slot] {
  const [awake, asleep] = [new Slot(0, new Sequence(), 1), new Slot(0, new Sequence(), 1, deadline)];
  const keyOf = (key: string) => key.slice(model.keyPrefix.text.length);
  for (const [key, row] of rows) awake.restore(model, keyOf(key), row);
  const dormant = new DormantRows();
  for (let at = 0; at < rows.length; at += size) {
    const group = new ListedRows(rows.slice(at, at + size));
    for (let index = 0; index < group.count; index++)
      asleep.restoreDormant(model, keyOf(group.key(index)), dormant, group, index);
  }
  asleep.restored();
  return [awake, asleep];
}

function allRowsOf(slot: Slot): unknown[] {
  return Array.from(slot.instances(EPOCH), (held) => [held.key, rowOf(held)]).sort();
}

const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  key.map((each) => ({ commands: [message(each)] })),
  fc
    .tuple(key, fc.integer({ min: 1, max: 9 }))
    .map(([each, seconds]) => ({ commands: [timer(each, seconds)] })),
  key.map((each) => ({ commands: [remove(each)] })),
  fc.array(key, { maxLength: 4 }).map((each) => ({ commands: each.map(message) })),
  fc.constant('drop' as const),
  fc.constant('list' as const),
);
const steps = fc.array(
  fc.record({ step, isUndone: fc.boolean(), passes: fc.integer({ min: 0, max: 3000 }) }),
  { maxLength: 25 },
);

test('a slot with dormant instances behaves like one in which all are awake', () => {
  fc.assert(
    fc.property(
      fc.subarray(KEYS),
      fc.subarray(KEYS),
      fc.integer({ min: 1, max: 9 }),
      steps,
      (restored, timed, size, all) => {
        const before = new Slot(0, new Sequence(), 1);
        run(before, restored.map(message).slice(0, 6), 1000);
        run(
          before,
          timed.map((each, index) => timer(each, index + 1)),
          1000,
        );
        const rows = Array.from(before.instances(EPOCH), (held): StoredRow => [held.key, rowOf(held) ?? '']);
        const deadline = new Deadline();
        const both = slots(rows.sort(), size, deadline);
        let now = 1000;
        for (const { step: each, isUndone, passes } of all) {
          now += passes;
          const [expected, seen] = both.map((slot) => {
            if (each === 'list') return allRowsOf(slot);
            const { outcomes, turn } = run(slot, each === 'drop' ? [] : each.commands, now);
            if (each === 'drop') turn.drop([slot], model);
            const outcome = {
              outcomes,
              evaluated: turn.evaluated.map(({ keyValue, trigger }) => [keyValue, trigger.type]),
              rows: rowsOf(turn),
              count: slot.count(EPOCH),
            };
            if (isUndone) turn.rollBack();
            return outcome;
          });
          expect(seen).toEqual(expected);
          expect(both[1].count(EPOCH)).toBe(both[0].count(EPOCH));
          const deadlines = Array.from(both[0].instances(EPOCH), (held) => both[0].deadlineOf(held));
          expect(both[1].nextDue).toBeLessThanOrEqual(Math.min(...deadlines));
          expect(deadline.time).toBeLessThanOrEqual(both[1].nextDue);
        }
        expect(allRowsOf(both[1])).toEqual(allRowsOf(both[0]));
      },
    ),
    { numRuns: 500 },
  );
});

test('the memory of rows is free once none of them is dormant', () => {
  const rows = new DormantRows();
  const groups = [1, 2].map((group) => new ListedRows([1, 2].map((row) => [`${group}${row}`, `row ${row}`])));
  const numbers = groups.flatMap((group) => [rows.add(group, 0), rows.add(group, 1)]);
  expect(numbers.map((number) => rows.key(number))).toEqual(['11', '12', '21', '22']);
  expect(rows.text(2)).toBe('row 1');
  rows.release(0);
  expect(rows.key(0)).toBe('11');
  rows.release(1);
  // Rows between may be no dormant ones.
  const more = new ListedRows(['31', '32', '33'].map((each) => [each, '']));
  expect([0, 2].map((index) => rows.key(rows.add(more, index)))).toEqual(['31', '33']);
  expect(numbers.map((number) => rows.key(number))).toEqual([undefined, undefined, '21', '22']);
});
