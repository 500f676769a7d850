import { expect } from 'vitest';
import type { ApiClient } from '../../src/cli/client.ts';
import { pause } from '../support/server-process.ts';

/** Milliseconds without a delivery after which the actions count as stuck. */
const STUCK = 60_000;

/** Waits until no action of a server waits for delivery, however long that takes while it goes on; none may have failed. */
export async function everythingDelivered(client: ApiClient): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY;
  let progress = Date.now();
  for (;;) {
    const pending = await pendingActions(client);
    if (pending === 0) break;
    if (pending < fewest) {
      fewest = pending;
      progress = Date.now();
    }
    expect(Date.now() - progress, `milliseconds for which ${pending} actions are stuck`).toBeLessThan(STUCK);
    await pause(50);
  }
  const { actions } = await client.call('GET', '/_tripline/actions?status=FAILED&maxResults=1');
  expect(actions).toEqual([]);
}

async function pendingActions(client: ApiClient): Promise<number> {
  const { targets } = await client.call('GET', '/_tripline/overview');
  return (targets as readonly { readonly pending: number }[]).reduce((sum, { pending }) => sum + pending, 0);
}
