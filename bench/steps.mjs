import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./steps-of.mjs', import.meta.url));
const ROUNDS = 5;
const STEPS = { tripline: 1_500_000, xstate: 150_000, native: 20_000_000 };

/**
 * Steps per second in memory, for one detector and for many at random: the median of five rounds. Each round runs the
 * kinds in turn, so that a change of the machine's speed affects all of them, and each in its own process, so that no
 * compiled code is specialized for another.
 */
export function benchSteps() {
  const rows = [];
  for (const count of [1, 100_000]) {
    const rates = { tripline: [], xstate: [], native: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const kind of Object.keys(rates)) {
        const output = execFileSync(process.execPath, [SCRIPT, kind, String(count), String(STEPS[kind])]);
        rates[kind].push(Number(output));
      }
    }
    const [ours, xstate, native] = Object.values(rates).map(
      (values) => values.sort((a, b) => a - b)[ROUNDS >> 1],
    );
    const name = `steps/s in memory, ${count} detectors, beside`;
    const goals = count === 1 ? [30, 0.15] : [25, 0.3];
    const row = (beside, other, goal) => ({
      name: `${name} ${beside}`,
      ours,
      other,
      ratio: ours / other,
      goal,
    });
    rows.push(row('XState v5 actors', xstate, goals[0]), row('TypeScript by hand', native, goals[1]));
  }
  return rows;
}
