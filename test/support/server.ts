import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Limits } from '../../src/limits.ts';
import type { MachineClock } from '../../src/runtime/clock.ts';
import { resolveConfig, type ServeConfig } from '../../src/server/config.ts';
import { createLog } from '../../src/server/log.ts';
import { type Server, startServer } from '../../src/server/server.ts';

export interface TestServer extends Server {
  /** Closes the server and removes its data. */
  dispose(): Promise<void>;
}

/** A whole server in this process, with its own port and data. */
export async function startTestServer(
  limits: Partial<Limits> = {},
  settings: Partial<ServeConfig> = {},
  clock?: MachineClock,
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tripline-test-'));
  const base = resolveConfig(
    { port: '0', dataDir, mqttPort: '0', actions: 'record', logLevel: 'silent' },
    {},
  );
  const config = { ...base, ...settings, limits: { ...base.limits, ...limits } };
  const server = await startServer(config, createLog('silent'), { machine: clock });
  return {
    ...server,
    dispose: async () => {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
