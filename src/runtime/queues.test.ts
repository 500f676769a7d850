import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberQueue, TextQueue } from './queues.ts';

test.each([Int32Array, Float64Array])(
  '$name: numbers leave in order of arrival or newest first, across blocks',
  (Type) => {
    const operation = fc.tuple(
      fc.constantFrom('push', 'push', 'pop', 'shift', 'at'),
      fc.integer({ min: 1, max: 40_000 }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        const queue = new NumberQueue(Type);
        const list: number[] = [];
        let oldest = 0;
        let next = 1;
        for (const [what, count] of operations) {
          if (what === 'at') expect(queue.at(count)).toBe(list[oldest + count]);
          else
            for (let n = 0; n < count && (what === 'push' || list.length > oldest); n++) {
              if (what === 'push') {
                queue.push(next);
                list.push(next++);
              } else {
                const [is, expected] =
                  what === 'pop' ? [queue.pop(), list.pop()] : [queue.shift(), list[oldest++]];
                if (is !== expected) throw new Error(`${what} returns ${is}, not ${expected}`);
              }
            }
          expect(queue.length).toBe(list.length - oldest);
        }
      }),
      { numRuns: 50 },
    );
  },
);

test('texts are read at their positions, across blocks, until they are dropped', () => {
  const text = fc.tuple(
    fc.constantFrom('a', 'é', '€', '🔥'),
    fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 20_000 })),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), fc.nat(10), (texts, dropped) => {
      const queue = new TextQueue();
      const places = texts.map(([unit, count]) => {
        const from = queue.end;
        queue.push(Buffer.from(unit.repeat(count)));
        return { from, to: queue.end, text: unit.repeat(count) };
      });
      queue.dropBefore(places[dropped]?.from ?? 0);
      for (const { from, to, text } of places.slice(dropped))
        if (queue.read(from, to).toString() !== text) throw new Error(`${text.length} at ${from} is another`);
    }),
    { numRuns: 200 },
  );
});
