import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueIndex } from './due-index.ts';

test('returns items in order of time, whatever is added in between', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(50), fc.constant('take' as const)), { maxLength: 60 }), (steps) => {
      const index = new DueIndex<number>();
      let expected: number[] = [];
      for (const step of steps) {
        if (step === 'take') {
          expect(index.take()?.time).toBe(expected[0]);
          expected = expected.slice(1);
        } else {
          index.add(step, step);
          expected = [...expected, step].sort((a, b) => a - b);
        }
        expect(index.earliest).toBe(expected[0] ?? Number.POSITIVE_INFINITY);
        expect(index.size).toBe(expected.length);
      }
    }),
  );
});

test('treats appended items like added ones', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(50)), (appended, added) => {
      const index = new DueIndex<number>();
      for (const time of appended) index.append(time, time);
      index.settle();
      for (const time of added) index.add(time, time);
      const taken = Array.from({ length: index.size }, () => index.take());
      const expected = [...appended, ...added].sort((a, b) => a - b);
      expect(taken).toEqual(expected.map((time) => ({ time, item: time })));
    }),
  );
});
