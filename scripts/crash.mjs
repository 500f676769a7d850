import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Runs the crash tests for longer than `npm test` does, and writes what they counted. */
const USAGE = `Kills real processes and accounts for everything they had acknowledged.

  npm run crash                                     20 rounds, as in npm test
  npm run crash -- --rounds 200 --report docs/crash-report.md
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
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
  const env = { ...process.env, TRIPLINE_CRASH_ROUNDS: rounds, TRIPLINE_CRASH_REPORT: file };
  const began = Date.now();
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/crash'], { env, stdio: 'inherit' });
  const sections = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse);
  rmSync(folder, { recursive: true });
  if (status === 0 && report !== undefined) writeFileSync(report, page(rounds, sections, Date.now() - began));
  return status ?? 1;
}

function page(rounds, sections, milliseconds) {
  const minutes = Math.round(milliseconds / 60_000);
  const machine = `${type()}, ${cpus().length} cores, Node ${process.version}`;
  const tables = sections.map(({ what, figures }) => {
    const rows = Object.entries(figures).map(
      ([name, figure]) => `| ${name} | ${figure.toLocaleString('en')} |`,
    );
    return [`## ${what[0].toUpperCase()}${what.slice(1)}`, '', '| | |', '| --- | ---: |', ...rows].join('\n');
  });
  return `# Crash report

\`npm run crash -- --rounds ${rounds} --report FILE\` wrote this page on ${new Date().toISOString().slice(0, 10)}: ${minutes} minutes, ${machine}.

Real processes are killed with SIGKILL at random moments: under load, while they start, while they write checkpoints
(every 50 kB of journal), between the commit of an action and its delivery. Clients send what was not acknowledged
again, under the same id. After every restart, and at the end, each acknowledged message, timer, action and change of an
alarm is accounted for; a single one too few or too many fails the run.

${tables.join('\n\n')}

A kill leaves what the operating system has taken. Power failures, which leave only what was synced, are simulated:
see [test/sim](../test/sim/README.md). Messages over MQTT have [a report of their own](crash-report-mqtt.md).
`;
}
