import { crashReport } from './crash-report.mjs';

/** Runs the crash tests for longer than `npm test`, and writes the results. */
const USAGE = `Kills real processes and accounts for everything they had acknowledged.

  npm run crash                                     20 rounds, as in npm test
  npm run crash -- --rounds 200 --report docs/crash-report.md
`;

process.exitCode = crashReport({
  usage: USAGE,
  numbers: { rounds: 20 },
  tests: 'test/crash',
  env: ({ rounds }) => ({ TRIPLINE_CRASH_ROUNDS: rounds }),
  page,
});

function page({ rounds }, stamp, tables) {
  return `# Crash report

\`npm run crash -- --rounds ${rounds} --report FILE\` wrote this page on ${stamp}.

Real processes are killed with SIGKILL at random moments: under load, while they start, while they write checkpoints
(every 50 kB of journal), between the commit of an action and its delivery. Clients send what was not acknowledged
again, under the same id. After every restart, and at the end, each acknowledged message, timer, action and change of an
alarm is accounted for; a single one too few or too many fails the run.

${tables}

A kill leaves what the operating system has taken. Power failures, which leave only what was synced, are simulated:
see [test/sim](../test/sim/README.md). Messages over MQTT have [a report of their own](crash-report-mqtt.md).
`;
}
