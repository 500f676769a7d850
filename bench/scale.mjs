import { execFileSync } from 'node:child_process';
import { here } from './servers.mjs';

const ROUNDS = 3;

/**
 * Microseconds of one message in a host without a disk, including parsing: with a thousand and a million detectors,
 * with one model and with two hundred; and what a million objects add to the minimum work on a message (`floor-of.mjs`).
 * Each in its own process, in turn, medians.
 */
export function benchScale() {
  const cases = {
    small: ['./scale-of.mjs', 1_000, 1],
    large: ['./scale-of.mjs', 1_000_000, 1],
    many: ['./scale-of.mjs', 1_000, 200],
    smallFloor: ['./floor-of.mjs', 1_000],
    largeFloor: ['./floor-of.mjs', 1_000_000],
  };
  const times = {};
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, [script, ...numbers]] of Object.entries(cases)) {
      times[name] ??= [];
      times[name].push(Number(execFileSync(process.execPath, [here(script), ...numbers.map(String)])));
    }
  const median = (name) => times[name].sort((a, b) => a - b)[ROUNDS >> 1];
  const [added, floor] = [median('large') - median('small'), median('largeFloor') - median('smallFloor')];
  const row = (name, ours) => ({
    name: `us of a message, ${name}, beside 1,000 detectors of one model`,
    ...{ ours, other: median('small'), ratio: ours / median('small'), goal: 1.2, atMost: true },
  });
  return [
    row('1,000,000 detectors', median('large')),
    {
      name: 'us that these detectors add to a message, beside as many objects and the minimum work',
      ...{ ours: added, other: floor, ratio: added / floor, goal: 1.15, atMost: true },
    },
    row('200 models', median('many')),
  ];
}
