import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Runs the crash test of a cluster for longer than `npm run test:cluster` does, and writes what it counted. */
const USAGE = `Kills fronts, workers and nodes of a cluster under load, and accounts for everything it had acknowledged.

  npm run crash:cluster -- --rounds 30
  npm run crash:cluster -- --rounds 30 --report docs/crash-report-cluster.md
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    report: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else if (!/^[1-9]\d*$/.test(values.rounds)) {
  console.error(`--rounds must be a whole number from 1, not ${values.rounds}`);
  process.exitCode = 2;
} else {
  process.exitCode = run(values.rounds, values.report);
}

function run(rounds, report) {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-crash-report-'));
  const file = join(folder, 'figures.jsonl');
  writeFileSync(file, '');
  const env = { ...process.env, TRIPLINE_CLUSTER_ROUNDS: rounds, TRIPLINE_CRASH_REPORT: file };
  const began = Date.now();
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/cluster/crash.test.ts'], {
    env,
    stdio: 'inherit',
  });
  const sections = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse);
  rmSync(folder, { recursive: true });
  if (status === 0 && report !== undefined) writeFileSync(report, page(rounds, sections, Date.now() - began));
  return status ?? 1;
}

function page(rounds, sections, milliseconds) {
  const minutes = Math.ceil(milliseconds / 60_000);
  const machine = `${type()}, ${cpus().length} cores, Node ${process.version}`;
  const tables = sections.map(({ what, figures }) => {
    const rows = Object.entries(figures).map(
      ([name, figure]) => `| ${name} | ${figure.toLocaleString('en')} |`,
    );
    return [`## ${what[0].toUpperCase()}${what.slice(1)}`, '', '| | |', '| --- | ---: |', ...rows].join('\n');
  });
  return `# Crash report of a cluster

\`npm run crash:cluster -- --rounds ${rounds} --report FILE\` wrote this page on ${new Date().toISOString().slice(0, 10)}: ${minutes} minutes, ${machine}.

Fronts, workers and nodes of Restate, all on one machine, are killed with SIGKILL in turn while six clients send messages
one after the other, and started again at once. What was not acknowledged is sent
again, under the same id, to whichever front answers. In the end every message is counted once, every timer has fired
once, and every action has arrived under one id; a single one too few or too many fails the run. A gap is the time between
two acknowledgements of any client.

${tables.join('\n\n')}
`;
}
