import { parseArgs } from 'node:util';
import { World } from './world.ts';

const USAGE = `Simulates runs of the runtime with crashes, failing targets and skewed clocks.

  npm run sim -- --seeds 10000          seeds 1 to 10000, until one fails
  npm run sim -- --from 500 --seeds 100
  npm run sim -- --seed 4711            one seed, with a trace of what happens
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else
  process.exitCode =
    values.seed === undefined
      ? await many(Number(values.from), Number(values.seeds))
      : await one(Number(values.seed));

async function one(seed: number): Promise<number> {
  try {
    console.log(await new World(seed, console.log).run());
    return 0;
  } catch (error) {
    console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    return 1;
  }
}

async function many(from: number, count: number): Promise<number> {
  const began = Date.now();
  const total = { evaluations: 0, effects: 0, arrivals: 0, crashes: 0, commits: 0 };
  let longest = 0;
  for (let seed = from; seed < from + count; seed++) {
    try {
      const outcome = await new World(seed).run();
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += outcome[name];
      longest = Math.max(longest, outcome.steps);
    } catch (error) {
      console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
      console.error(`\nReplay it with: npm run sim -- --seed ${seed}`);
      return 1;
    }
    if ((seed - from + 1) % 1000 === 0) console.log(`${seed - from + 1} of ${count} seeds`);
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(
    `${count} seeds in ${seconds} s, no violation: ${JSON.stringify(total)}; at most ${longest} steps`,
  );
  return 0;
}
