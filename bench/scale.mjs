import { execFileSync } from 'node:child_process';
import { here } from './servers.mjs';

const ROUNDS = 3;

/**
 * Microseconds of one message in a host without a disk, including parsing: with a thousand and a million detectors,
 * with one model and with two hundred. Each in its own process, in turn, medians.
 */
export function benchScale() {
  const cases = { small: [1_000, 1], large: [1_000_000, 1], many: [1_000, 200] };
  const times = { small: [], large: [], many: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, numbers] of Object.entries(cases))
      times[name].push(
        Number(execFileSync(process.execPath, [here('./scale-of.mjs'), ...numbers.map(String)])),
      );
  const median = (name) => times[name].sort((a, b) => a - b)[ROUNDS >> 1];
  const row = (name, ours) => ({
    name: `us of a message, ${name}, beside 1,000 detectors of one model`,
    ...{ ours, other: median('small'), ratio: ours / median('small'), goal: 1.2, atMost: true },
  });
  return [row('1,000,000 detectors', median('large')), row('200 models', median('many'))];
}
