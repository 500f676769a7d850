import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./conditions-of.mjs', import.meta.url));
const KINDS = ['tripline', '@marcbachmann/cel-js', 'filtrex', 'expr-eval', 'jsonata', 'json-rules-engine'];
const ROUNDS = 5;

/**
 * Nanoseconds for one condition, alone and as one of 200 in turn, compared with the fastest expression libraries. Each
 * kind runs in its own process, in turn; the median of five. The results of every kind are first compared with plain
 * JavaScript.
 */
export function benchConditions() {
  return [1, 200].map((count) => {
    const times = new Map(KINDS.map((kind) => [kind, []]));
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of KINDS)
        times.get(kind).push(Number(execFileSync(process.execPath, [SCRIPT, kind, String(count)])));
    const medians = [...times].map(([kind, values]) => [kind, values.sort((a, b) => a - b)[ROUNDS >> 1]]);
    const [[, ours], ...others] = medians;
    const [best, other] = others.sort((a, b) => a[1] - b[1])[0];
    const slower = others.slice(1).map(([kind, time]) => `${kind} ${Math.round(time)}`);
    process.stderr.write(`  beside ${best}: ${slower.join(', ')} ns\n`);
    const what = count === 1 ? 'one condition' : `${count} conditions in turn`;
    return { name: `ns of ${what}, beside ${best}`, ours, other, ratio: other / ours, goal: 5 };
  });
}
