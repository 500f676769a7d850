import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Runs the crash test over MQTT with more messages than `npm test` does, and writes what it counted. */
const USAGE = `Publishes over MQTT while the server and Mosquitto are killed, and accounts for every message.

  npm run crash:mqtt                          50,000 messages, 40 kills
  npm run crash:mqtt -- --messages 200000 --kills 100 --report docs/crash-report-mqtt.md
`;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '50000' },
    kills: { type: 'string', default: '40' },
    report: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else if (!/^[1-9]\d*$/.test(values.messages)) {
  console.error(`--messages must be a whole number from 1, not ${values.messages}`);
  process.exitCode = 2;
} else {
  process.exitCode = run(values);
}

function run({ messages, kills, report }) {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-crash-report-'));
  const file = join(folder, 'figures.jsonl');
  writeFileSync(file, '');
  const env = {
    ...process.env,
    TRIPLINE_MQTT_MESSAGES: messages,
    TRIPLINE_MQTT_KILLS: kills,
    TRIPLINE_CRASH_REPORT: file,
  };
  const began = Date.now();
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/mqtt/crash.test.ts'], {
    env,
    stdio: 'inherit',
  });
  const sections = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse);
  rmSync(folder, { recursive: true });
  if (status === 0 && report !== undefined)
    writeFileSync(report, page(messages, kills, sections, Date.now() - began));
  return status ?? 1;
}

function page(messages, kills, sections, milliseconds) {
  const minutes = Math.ceil(milliseconds / 60_000);
  const machine = `${type()}, ${cpus().length} cores, Node ${process.version}`;
  const tables = sections.map(({ what, figures }) => {
    const rows = Object.entries(figures).map(
      ([name, figure]) => `| ${name} | ${figure.toLocaleString('en')} |`,
    );
    return [`## ${what[0].toUpperCase()}${what.slice(1)}`, '', '| | |', '| --- | ---: |', ...rows].join('\n');
  });
  return `# Crash report of MQTT

\`npm run crash:mqtt -- --messages ${messages} --kills ${kills} --report FILE\` wrote this page on ${new Date().toISOString().slice(0, 10)}: ${minutes} minutes, ${machine}.

Ten devices publish with quality of service 1, twenty messages under way each, through a rule whose messageId comes from
the payload, while the server is killed with SIGKILL at random moments and started again. Mosquitto is stopped in between
with SIGTERM, at which it writes down what it has to keep: killed, it would lose messages that it has acknowledged, whoever
takes them. A device sends again what was not acknowledged. In the end every message is counted once in its detector; a
single one too few or too many fails the run.

${tables.join('\n\n')}
`;
}
