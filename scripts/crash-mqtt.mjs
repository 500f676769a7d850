import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** Runs the crash test over MQTT with more messages than `npm test` does. */
const USAGE = `Publishes over MQTT while the server and Mosquitto are killed, and accounts for every message.

  npm run crash:mqtt                          50,000 messages, 40 kills
  npm run crash:mqtt -- --messages 200000 --kills 100
`;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '50000' },
    kills: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else if (!/^[1-9]\d*$/.test(values.messages)) {
  console.error(`--messages must be a whole number from 1, not ${values.messages}`);
  process.exitCode = 2;
} else {
  const env = { ...process.env, TRIPLINE_MQTT_MESSAGES: values.messages, TRIPLINE_MQTT_KILLS: values.kills };
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/mqtt/crash.test.ts'], {
    env,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
