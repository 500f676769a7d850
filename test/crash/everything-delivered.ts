import { expect } from 'vitest';
import type { ApiClient } from '../../src/cli/client.ts';
import { pause } from '../support/server-process.ts';

/** Waits until no action of a server waits for delivery; none may have failed. */
export async function everythingDelivered(client: ApiClient): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { actions } = await client.call('GET', '/_tripline/actions?status=PENDING&maxResults=1');
    if ((actions as unknown[]).length === 0) break;
    expect(Date.now(), 'actions are still pending').toBeLessThan(deadline);
    await pause(50);
  }
  const { actions } = await client.call('GET', '/_tripline/actions?status=FAILED&maxResults=1');
  expect(actions).toEqual([]);
}
