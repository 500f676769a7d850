import { expect, test } from 'vitest';
import { Throttle } from './throttle.ts';

function taken(
  limits: [each: number, all: number],
  calls: readonly (readonly [number, ...string[]])[],
): (string | undefined)[] {
  const [messagesPerDetectorPerSecond, evaluationsPerSecond] = limits;
  const throttle = new Throttle({ messagesPerDetectorPerSecond, evaluationsPerSecond });
  return calls.map(([now, ...detectors]) => throttle.take(detectors, now)?.message);
}

const EACH = 'Number of messages per detector per second exceeds the limit 2';
const ALL = 'Number of messages evaluated per second exceeds the limit 3';

test.each<[string, [number, number], [number, ...string[]][], (string | undefined)[]]>([
  [
    'nothing is limited by default',
    [0, 0],
    [
      [0, 'a'],
      [0, 'a'],
      [0, 'a'],
    ],
    [undefined, undefined, undefined],
  ],
  [
    'a detector by itself',
    [2, 0],
    [
      [0, 'a'],
      [0, 'a'],
      [0, 'a'],
      [0, 'b'],
    ],
    [undefined, undefined, EACH, undefined],
  ],
  [
    'anew each second',
    [2, 0],
    [
      [0, 'a'],
      [999, 'a'],
      [999, 'a'],
      [1000, 'a'],
    ],
    [undefined, undefined, EACH, undefined],
  ],
  [
    'all together',
    [0, 3],
    [
      [0, 'a', 'b'],
      [0, 'c'],
      [0, 'd'],
      [1000, 'd'],
    ],
    [undefined, undefined, ALL, undefined],
  ],
  [
    'what is refused does not count',
    [2, 3],
    [
      [0, 'a'],
      [0, 'a'],
      [0, 'a', 'b'],
      [0, 'b'],
    ],
    [undefined, undefined, ALL, undefined],
  ],
])('%s', (_name, limits, calls, expected) => {
  expect(taken(limits, calls)).toEqual(expected);
});
