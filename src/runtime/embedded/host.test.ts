import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHost, type HostHarness } from '../../../test/support/host-suite.ts';
import { quietLog } from '../../../test/support/quiet.ts';
import { SimulatedClock } from '../../../test/support/simulated-clock.ts';
import { NO_RECIPIENTS } from '../../core/action/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import { openLevelStore } from '../../store/level-store.ts';
import { emptyImage, openMemoryStore } from '../../store/memory-store.ts';
import type { Store } from '../../store/store.ts';
import { HostClock } from '../host-clock.ts';
import { RuntimeMetrics } from '../metrics.ts';
import { type Embedded, openEmbedded } from './open.ts';

/** The embedded host on the store that `openStore` opens. */
function harnessOf(
  limits: Partial<Limits>,
  openStore: () => Promise<Store>,
  dispose: () => Promise<void>,
): HostHarness {
  const clock = new SimulatedClock(1_600_000_000_000);
  let open: { readonly embedded: Embedded; readonly store: Store } | undefined;
  const close = async () => {
    await open?.embedded.close();
    await open?.store.close();
    open = undefined;
  };
  /** Each call is answered after everything that waits; messages sent on in between need another turn. */
  const settle = async () => {
    for (let n = 0; n < 10; n++) await open?.embedded.host.catalog();
  };
  return {
    async open(attach) {
      const store = await openStore();
      const embedded = await openEmbedded(store, {
        clock: new HostClock({ machine: clock, log: quietLog }),
        limits: { ...DEFAULT_LIMITS, ...limits },
        log: quietLog,
        metrics: new RuntimeMetrics(),
        notifications: NO_RECIPIENTS,
        senders: undefined,
        random: () => 0.5,
      });
      open = { embedded, store };
      attach?.(embedded.host);
      embedded.start();
      return embedded.host;
    },
    close,
    async advance(milliseconds) {
      await settle();
      await clock.advance(clock.now() + milliseconds, settle);
      await settle();
    },
    async dispose() {
      await close();
      await dispose();
    },
  };
}

describeHost('the embedded host in memory', async (limits) => {
  const image = emptyImage();
  return harnessOf(
    limits,
    async () => openMemoryStore(image),
    async () => {},
  );
});

describeHost('the embedded host on disk', async (limits) => {
  const directory = await mkdtemp(join(tmpdir(), 'tripline-host-'));
  return harnessOf(
    limits,
    () => openLevelStore(directory),
    () => rm(directory, { recursive: true, force: true }),
  );
});
