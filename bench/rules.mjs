import { execFileSync } from 'node:child_process';
import { here } from './servers.mjs';

const ROUNDS = 3;

/**
 * Microseconds of one message on its way to an input: without rules, through one, and through one of a thousand with
 * distinct filters. Each in its own process, in turn, medians.
 */
export function benchRules() {
  const times = new Map([0, 1, 1000].map((count) => [count, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [count, taken] of times)
      taken.push(Number(execFileSync(process.execPath, [here('./rules-of.mjs'), String(count)])));
  const median = (count) => times.get(count).sort((a, b) => a - b)[ROUNDS >> 1];
  const row = (name, count, other, goal) => ({
    name: `us of a message, ${name}`,
    ...{ ours: median(count), other: median(other), ratio: median(count) / median(other), atMost: true },
    ...(goal !== undefined && { goal }),
  });
  return [
    row('through one topic rule, beside none', 1, 0),
    row('through one of 1,000 topic rules, beside one', 1000, 1, 1.3),
  ];
}
