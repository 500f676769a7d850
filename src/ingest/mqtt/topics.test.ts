import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  covers,
  filterProblem,
  isOpenToPublish,
  isOpenToSubscribe,
  matches,
  topicProblem,
} from './topics.ts';

test.each<[filter: string, topic: string, expected: boolean]>([
  ['a/b', 'a/b', true],
  ['a/b', 'a/B', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a/', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['#', 'a/b', true],
  ['+/b', '/b', true],
  ['#', '$aws/x', false],
  ['+/x', '$aws/x', false],
  ['$aws/#', '$aws/x', true],
])('%s and %s', (filter, topic, expected) => {
  expect(matches(filter, topic)).toBe(expected);
});

const level = fc.constantFrom('a', 'b', '', '$s');
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'));

describe('for all filters and topics', () => {
  test('a filter that covers another matches all that it matches', () => {
    fc.assert(
      fc.property(filters, filters, topics, (wider, filter, topic) => {
        if (covers(wider, filter) && matches(filter, topic)) expect(matches(wider, topic)).toBe(true);
      }),
    );
    expect(covers('a/#', 'a/+/b')).toBe(true);
    expect(covers('+/+', '$s/a')).toBe(false);
    expect(covers('a/+', 'a/#')).toBe(false);
  });
});

test('invalid filters and topics', () => {
  for (const filter of ['', 'a/#/b', 'a#', 'a/b+', '++']) expect(filterProblem(filter)).toBeDefined();
  for (const filter of ['#', '+', 'a//b', '/']) expect(filterProblem(filter)).toBeUndefined();
  for (const topic of ['', 'a/+', '#', 'x\0', 'é'.repeat(129)])
    expect(topicProblem(topic, 256)).toBeDefined();
  for (const topic of ['/', 'a//b', 'é'.repeat(128), `$aws/rules/r/${'x'.repeat(256)}`])
    expect(topicProblem(topic, 256)).toBeUndefined();
});

test('which reserved topics are open', () => {
  expect(
    ['$aws/rules/r/a', '$aws/sitewise/asset-models/m/assets/a/properties/p', 'a'].map(isOpenToPublish),
  ).toEqual([true, true, true]);
  expect(
    ['$aws/events/presence/connected/c', '$SYS/a', '$aws/things/t', '$share/g/a'].map(isOpenToPublish),
  ).toEqual(Array(4).fill(false));
  expect(['#', '$aws/events/#', '$aws/things/t/shadow/update'].map(isOpenToSubscribe)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['$aws/rules/#', '$aws/#', '$aws/+/a', '$SYS/#'].map(isOpenToSubscribe)).toEqual(
    Array(4).fill(false),
  );
});
