import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * The command line of a crash test that runs longer than in `npm test` and writes its results into a page:
 *
 * - `numbers`: its flags and their defaults, all whole numbers from 1
 * - `tests`: the files that vitest runs; `env` passes the flags to them
 * - `page`: renders the page from the flags, the time and machine (`stamp`), and the tables of results
 *
 * Returns the exit code: that of the tests, or 2 for an invalid flag.
 */
export function crashReport({ usage, numbers, tests, env, page }) {
  const values = readFlags(numbers);
  if (values === undefined) return 2;
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const began = Date.now();
  const { status, sections } = count(tests, env(values));
  if (status === 0 && values.report !== undefined)
    writeFileSync(values.report, page(values, stamp(Date.now() - began), tablesOf(sections)));
  return status;
}

/** Undefined after reporting an invalid flag. */
function readFlags(numbers) {
  const options = Object.entries(numbers).map(([name, number]) => [
    name,
    { type: 'string', default: String(number) },
  ]);
  try {
    const { values } = parseArgs({
      options: {
        ...Object.fromEntries(options),
        report: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const wrong = Object.keys(numbers).find((name) => !/^[1-9]\d*$/.test(values[name]));
    if (wrong === undefined) return values;
    console.error(`--${wrong} must be a whole number from 1, not ${values[wrong]}`);
  } catch (error) {
    console.error(`${error.message} (see --help)`);
  }
  return undefined;
}

function count(tests, env) {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-crash-report-'));
  try {
    const file = join(folder, 'figures.jsonl');
    writeFileSync(file, '');
    const { status } = spawnSync('npx', ['vitest', 'run', tests], {
      env: { ...process.env, ...env, TRIPLINE_CRASH_REPORT: file },
      stdio: 'inherit',
    });
    const sections = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse);
    return { status: status ?? 1, sections };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function stamp(milliseconds) {
  const minutes = Math.ceil(milliseconds / 60_000);
  const machine = `${type()}, ${cpus().length} cores, Node ${process.version}`;
  return `${new Date().toISOString().slice(0, 10)}: ${minutes} minutes, ${machine}`;
}

function tablesOf(sections) {
  const tables = sections.map(({ what, figures }) => {
    const rows = Object.entries(figures).map(
      ([name, figure]) => `| ${name} | ${figure.toLocaleString('en')} |`,
    );
    return [`## ${what[0].toUpperCase()}${what.slice(1)}`, '', '| | |', '| --- | ---: |', ...rows].join('\n');
  });
  return tables.join('\n\n');
}
