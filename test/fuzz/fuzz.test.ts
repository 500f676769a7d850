import { expect, test } from 'vitest';
import { Random } from '../sim/random.ts';
import { definitions } from './definitions.ts';
import { expressions } from './expressions.ts';
import { http } from './http.ts';
import { mqtt } from './mqtt.ts';
import { payloads } from './payloads.ts';
import { sql } from './sql.ts';
import type { Target } from './target.ts';

/** A short run of each target; `npm run fuzz` runs longer. */
const RUNS: readonly [name: string, runs: number, make: () => Target | Promise<Target>][] = [
  ['expressions', 20_000, () => expressions],
  ['definitions', 500, () => definitions],
  ['payloads', 20_000, () => payloads],
  ['sql', 20_000, () => sql],
  ['http', 1_000, http],
  ['mqtt', 100, mqtt],
];

test.each(RUNS)(
  '%s take anything, %d times',
  async (name, runs, make) => {
    const target = await make();
    let seed = 0;
    try {
      for (seed = 1; seed <= runs; seed++) await target.run(new Random(seed));
      await target.check?.();
    } catch (cause) {
      throw new Error(`repeat it with: npm run fuzz -- --target ${name} --from ${seed} --runs 1`, { cause });
    } finally {
      await target.close?.();
    }
    expect(seed).toBe(runs + 1);
  },
  60_000,
);
