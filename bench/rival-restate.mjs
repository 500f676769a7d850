import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as restate from '@restatedev/restate-sdk';

/**
 * One Restate server with its defaults, and a service with one virtual object per motor.
 *
 *     node rival-restate.mjs PORT DIRECTORY
 */
const [port, baseDir] = process.argv.slice(2);
const SERVICE = 9581;
const ADMIN = 9582;

const motor = restate.object({
  name: 'motor',
  handlers: {
    message: async (context, { sensorData: { pressure } }) => {
      let { state, breached } = (await context.get('motor')) ?? { state: 'Normal', breached: 0 };
      if (state === 'Normal') {
        if (pressure > 70) {
          breached += 3;
          state = 'Dangerous';
        }
      } else if (pressure > 70) breached = 3;
      else if (breached-- <= 1) {
        state = 'Normal';
        breached = 0;
      }
      context.set('motor', { state, breached });
      return { state };
    },
  },
});
// Without the SDK's log line for each message.
await restate.serve({ services: [motor], port: SERVICE, logger: () => {} });

const launcher = fileURLToPath(import.meta.resolve('@restatedev/restate-server/lib/index.js'));
const server = spawn(process.execPath, [launcher, '--no-logo', '--base-dir', baseDir], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${port}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${ADMIN}`,
    RESTATE_LOG_FILTER: 'off',
    RESTATE_DISABLE_TELEMETRY: 'true',
  },
});
server.on('exit', (code) => process.exit(code ?? 1));
process.on('SIGTERM', () => {
  server.kill('SIGTERM');
});

for (;;) {
  const registered = await fetch(`http://127.0.0.1:${ADMIN}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${SERVICE}` }),
  }).catch(() => undefined);
  if (registered?.ok) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
