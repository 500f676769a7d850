import type { OutgoingEffect } from '../../src/core/engine/turn.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { EmbeddedHost } from '../../src/runtime/embedded/host.ts';
import { TurnPump } from '../../src/runtime/embedded/pump.ts';
import type { Actions } from '../../src/runtime/host.ts';
import type { Log } from '../../src/runtime/log.ts';
import { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import type { Store } from '../../src/store/store.ts';
import { quietLog } from './quiet.ts';

const none = () => Promise.reject(new Error('Here are no deliveries'));
const NO_ACTIONS: Actions = {
  list: none,
  get: none,
  redrive: none,
  redriveAll: none,
  discard: none,
  discardAll: none,
};

/** The embedded host without deliveries: effects go to `onEffects` when they are durable. */
export async function openPumpHost(
  store: Store,
  {
    clock,
    limits = DEFAULT_LIMITS,
    log = quietLog,
    metrics = new RuntimeMetrics(),
    onEffects = () => {},
  }: {
    readonly clock: Clock;
    readonly limits?: Limits;
    readonly log?: Log;
    readonly metrics?: RuntimeMetrics;
    readonly onEffects?: (effects: readonly OutgoingEffect['effect'][]) => void;
  },
) {
  const pump = await TurnPump.open(store, {
    clock,
    limits,
    log,
    metrics,
    outbox: {
      isFull: false,
      prepare: (outgoing) => ({
        rows: [],
        committed: () => onEffects(outgoing.map(({ effect }) => effect)),
      }),
    },
  });
  const host = new EmbeddedHost(pump, {
    clock,
    actions: NO_ACTIONS,
    row: (key) => store.get(key),
    onFinished: () => () => {},
    figures: () => ({ failedActions: 0, pendingActions: new Map(), targets: [] }),
  });
  return { pump, host };
}
