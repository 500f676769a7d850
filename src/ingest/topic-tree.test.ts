import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches } from './mqtt/topics.ts';
import { matchesFilter } from './sql/index.ts';
import { TopicTree } from './topic-tree.ts';

const level = fc.constantFrom('a', 'b', '', '+', '$s');
const filters = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, hasRest]) => [...levels, ...(hasRest ? ['#'] : [])].join('/'));
const topics = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));

test.each([
  ['as MQTT has it', true, matches],
  ['as FROM of AWS IoT SQL has it', false, matchesFilter],
])(
  '%s: finds what comparing each filter finds, also after some are removed',
  (_name, restIncludesParent, compare) => {
    fc.assert(
      fc.property(fc.array(filters, { maxLength: 12 }), fc.array(fc.nat()), topics, (all, removed, topic) => {
        const tree = new TopicTree<number>({ restIncludesParent });
        for (const [index, filter] of all.entries()) tree.add(filter, index);
        const gone = new Set(removed.map((number) => number % Math.max(all.length, 1)));
        for (const index of gone) if (all[index] !== undefined) tree.remove(all[index], index);
        const expected = all.flatMap((filter, index) =>
          !gone.has(index) && compare(filter, topic) ? [index] : [],
        );
        expect(tree.match(topic).sort((a, b) => a - b)).toEqual(expected);
        expect(tree.matches(topic)).toBe(expected.length > 0);
      }),
      { numRuns: 2000 },
    );
  },
);
