import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyTable } from './key-table.ts';

test('behaves like a Map for any sequence of sets and deletes', () => {
  const keyValue = fc.option(fc.nat(40).map(String), { nil: undefined });
  const steps = fc.array(fc.record({ keyValue, isDeleted: fc.boolean() }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      const table = new KeyTable<(typeof all)[number]>(7);
      const map = new Map<string | undefined, (typeof all)[number]>();
      for (const step of all) {
        if (step.isDeleted) {
          table.delete(step.keyValue);
          map.delete(step.keyValue);
        } else {
          table.set(step);
          map.set(step.keyValue, step);
        }
        expect(table.size).toBe(map.size);
        for (let n = 0; n <= 40; n++) expect(table.get(String(n))).toBe(map.get(String(n)));
        expect(table.get(undefined)).toBe(map.get(undefined));
      }
      expect(new Set(table.values())).toEqual(new Set(map.values()));
    }),
  );
});
