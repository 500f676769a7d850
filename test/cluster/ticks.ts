import type { Ingress } from '../../src/cluster/ingress.ts';
import type { SlotMeta } from '../../src/cluster/slot-entries.ts';
import type { Restate } from './rig.ts';

export interface Tick {
  readonly slot: number;
  /** Milliseconds since the epoch, by the cluster's clock. */
  readonly at: number;
}

/** The ticks set by the slots of a cluster; a test that moves the clock triggers them. */
export async function ticksOf({ admin }: Restate, { names }: Ingress): Promise<Tick[]> {
  const rows = await admin.query<{ service_key: string; value_utf8: string }>(
    `SELECT service_key, value_utf8 FROM state WHERE service_name = '${names.slot}' AND key = 'meta'`,
  );
  const ticks = rows.flatMap(({ service_key, value_utf8 }): Tick[] => {
    const { tick } = JSON.parse(value_utf8) as SlotMeta;
    return tick === undefined ? [] : [{ slot: Number(service_key), at: tick }];
  });
  return ticks.sort((a, b) => a.at - b.at || a.slot - b.slot);
}

/**
 * Like `ticksOf`, when nothing is in progress. Restate delivers a tick by itself when its delay is over, and state can be
 * seen in the middle of that, so it must be the same twice.
 */
export async function settledTicksOf(restate: Restate, ingress: Ingress, cluster: string): Promise<Tick[]> {
  for (let before = ''; ; ) {
    await settled(restate, cluster);
    const ticks = await ticksOf(restate, ingress);
    const text = JSON.stringify(ticks);
    if (text === before) return ticks;
    before = text;
  }
}

/** Resolves when no invocation of a cluster is in progress, apart from those scheduled for later. */
export async function settled({ admin }: Restate, cluster: string): Promise<void> {
  for (;;) {
    const [row] = await admin.query<{ n: number }>(
      `SELECT count(1) AS n FROM sys_invocation WHERE target_service_name LIKE '${cluster}-%' ` +
        `AND status <> 'completed' AND status <> 'scheduled'`,
    );
    if (row?.n === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
