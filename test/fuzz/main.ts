import { parseArgs } from 'node:util';
import { Random } from '../sim/random.ts';
import { definitions } from './definitions.ts';
import { expressions } from './expressions.ts';
import { http } from './http.ts';
import { mqtt } from './mqtt.ts';
import { payloads } from './payloads.ts';
import { sql } from './sql.ts';
import type { Target } from './target.ts';

const USAGE = `Throws anything at everything that takes input from outside.

  npm run fuzz -- --seconds 60              a minute for each target
  npm run fuzz -- --target http --from 4711 --runs 1
`;

const TARGETS: Readonly<Record<string, () => Target | Promise<Target>>> = {
  expressions: () => expressions,
  definitions: () => definitions,
  payloads: () => payloads,
  sql: () => sql,
  http,
  mqtt,
};

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    from: { type: 'string', default: '1' },
    runs: { type: 'string', default: 'Infinity' },
    target: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  const names = values.target === undefined ? Object.keys(TARGETS) : [values.target];
  let failed = 0;
  for (const name of names) if (!(await fuzz(name))) failed++;
  process.exit(failed === 0 ? 0 : 1);
}

/** Each run has its own seed, so that it can be repeated alone. */
async function fuzz(name: string): Promise<boolean> {
  const target = await (TARGETS[name] as () => Target | Promise<Target>)();
  const began = Date.now();
  const until = began + Number(values.seconds) * 1000;
  const most = Number(values.runs);
  const heap = process.memoryUsage().heapUsed;
  let seed = Number(values.from);
  let runs = 0;
  let ok = true;
  process.once('uncaughtException', (error) => {
    console.error(`${name}: an error that nobody caught, about seed ${seed}: ${error.stack}`);
    process.exit(1);
  });
  try {
    while (runs < most && (runs % 64 !== 0 || Date.now() < until)) {
      const done = target.run(new Random(seed));
      if (done !== undefined) await done;
      runs++;
      seed++;
    }
    await target.check?.();
  } catch (error) {
    console.error(`${name}, seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    console.error(`Repeat it with: npm run fuzz -- --target ${name} --from ${seed} --runs 1`);
    ok = false;
  }
  process.removeAllListeners('uncaughtException');
  await target.close?.();
  const seconds = (Date.now() - began) / 1000;
  const megabytes = ((process.memoryUsage().heapUsed - heap) / 1e6).toFixed(0);
  const rate = Math.round(runs / seconds).toLocaleString('en');
  console.log(
    `${name}: ${runs.toLocaleString('en')} runs, ${rate}/s, ${megabytes} MB of heap more${ok ? '' : ', FAILED'}`,
  );
  return ok;
}
