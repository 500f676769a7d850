import { crashReport } from './crash-report.mjs';

/** Runs the crash test over MQTT with more messages than `npm test`, and writes the results. */
const USAGE = `Publishes over MQTT while the server and Mosquitto are killed, and accounts for every message.

  npm run crash:mqtt                          50,000 messages, 40 kills
  npm run crash:mqtt -- --messages 200000 --kills 100 --report docs/crash-report-mqtt.md
`;

process.exitCode = crashReport({
  usage: USAGE,
  numbers: { messages: 50_000, kills: 40 },
  tests: 'test/mqtt/crash.test.ts',
  env: ({ messages, kills }) => ({ TRIPLINE_MQTT_MESSAGES: messages, TRIPLINE_MQTT_KILLS: kills }),
  page,
});

function page({ messages, kills }, stamp, tables) {
  return `# Crash report of MQTT

\`npm run crash:mqtt -- --messages ${messages} --kills ${kills} --report FILE\` wrote this page on ${stamp}.

Ten devices publish with quality of service 1, twenty messages under way each, through a rule whose messageId comes from
the payload, while the server is killed with SIGKILL at random moments and started again. Mosquitto is stopped in between
with SIGTERM, at which it writes down what it has to keep: killed, it would lose messages that it has acknowledged, whoever
takes them. A device sends again what was not acknowledged. In the end every message is counted once in its detector; a
single one too few or too many fails the run.

${tables}
`;
}
