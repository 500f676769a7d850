import { crashReport } from './crash-report.mjs';

/** Runs the crash test of a cluster for longer than `npm run test:cluster`, and writes the results. */
const USAGE = `Kills fronts, workers and nodes of a cluster under load, and accounts for everything it had acknowledged.

  npm run crash:cluster -- --rounds 30
  npm run crash:cluster -- --rounds 30 --report docs/crash-report-cluster.md
`;

process.exitCode = crashReport({
  usage: USAGE,
  numbers: { rounds: 9 },
  tests: 'test/cluster/crash.test.ts',
  env: ({ rounds }) => ({ TRIPLINE_CLUSTER_ROUNDS: rounds }),
  page,
});

function page({ rounds }, stamp, tables) {
  return `# Crash report of a cluster

\`npm run crash:cluster -- --rounds ${rounds} --report FILE\` wrote this page on ${stamp}.

Fronts, workers and nodes of Restate, all on one machine, are killed with SIGKILL in turn while six clients send messages
one after the other, and started again at once. What was not acknowledged is sent
again, under the same id, to whichever front answers. In the end every message is counted once, every timer has fired
once, and every action has arrived under one id; a single one too few or too many fails the run. A gap is the time between
two acknowledgements of any client.

${tables}
`;
}
