import { createHandlers } from '../dist/api/handlers/index.js';
import { listen } from '../dist/api/http-server.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { EmbeddedHost } from '../dist/runtime/embedded/host.js';
import { TurnPump } from '../dist/runtime/embedded/pump.js';
import { HostClock } from '../dist/runtime/host-clock.js';
import { RuntimeMetrics } from '../dist/runtime/metrics.js';
import { apiFront, log } from './api-front.mjs';

/** Tripline without commits: `node memory-server.mjs PORT`. */
const nothing = () => {};
async function* none() {}
const store = {
  scanState: async () => {},
  scan: none,
  get: async () => undefined,
  commit: async () => {},
  close: async () => {},
};
const limits = DEFAULT_LIMITS;
const outbox = { isFull: false, prepare: () => ({ rows: [], committed: nothing }) };
const pump = await TurnPump.open(store, {
  clock: new HostClock({ log }),
  limits,
  log,
  metrics: new RuntimeMetrics(),
  outbox,
});
pump.start();
const host = new EmbeddedHost(pump, {});
const handlers = createHandlers({ host, limits, region: 'us-east-1', accountId: '000000000000' }, log);
const { listener, direct } = apiFront(handlers);
await listen({ host: '127.0.0.1', port: Number(process.argv[2]) }, listener, direct);
process.on('SIGTERM', () => process.exit(0));
