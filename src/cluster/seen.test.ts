import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryEntries } from '../../test/support/entries-host.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { WireCommand } from './contract.ts';
import { type OpenList, readSeen, readSeenTexts, SeenCache } from './seen.ts';
import { SEEN } from './slot-entries.ts';

const WINDOW = 90_000;
const START = 1_600_000_000_000;
const messageOf = (id: string) => ({ epoch: 1, keyValue: 'k', inputName: 'I', messageId: id });
const wireOf = (id: string): WireCommand => ({
  ...{ type: 'Message', kind: 'detector', text: '{}', chain: 3 },
  ...messageOf(id),
});

/** A slot that remembers, and what it has written. */
function rig() {
  const state = new MemoryEntries();
  let fetched = 0;
  const newCache = () =>
    new SeenCache((_, numbers) => {
      fetched += numbers.length;
      return readSeenTexts(state, numbers);
    });
  let cache = newCache();
  let seen: readonly number[] = [];
  return {
    state,
    get seen() {
      return seen;
    },
    get fetched() {
      return fetched;
    },
    /** Another worker has the slot now. */
    move() {
      cache = newCache();
    },
    /** One call with these messages. Returns those that it takes. */
    async call(now: number, ids: readonly string[]): Promise<string[]> {
      const limits = { ...DEFAULT_LIMITS, dedupeWindow: WINDOW };
      const closedSeen = (numbers: readonly number[]) => cache.closed(0, numbers);
      const known = await readSeen(state, { seen }, now, ids.map(wireOf), { limits, closedSeen });
      const taken = ids.filter((id) => !known.has(messageOf(id)));
      for (const id of taken) known.accept(messageOf(id));
      seen = known.write();
      return taken;
    },
  };
}

test('a message is taken again when the window has passed, and not before', async () => {
  const call = fc.record({
    wait: fc.integer({ min: 0, max: 40_000 }),
    ids: fc.uniqueArray(fc.integer({ min: 0, max: 9 }).map(String), { maxLength: 5 }),
    moves: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
      const slot = rig();
      const accepted = new Map<string, number>();
      let now = START;
      for (const { wait, ids, moves } of calls) {
        now += wait;
        if (moves) slot.move();
        const expected = ids.filter((id) => now - (accepted.get(id) ?? 0) >= WINDOW);
        expect(await slot.call(now, ids)).toEqual(expected);
        for (const id of expected) accepted.set(id, now);
      }
      expect(new Set(slot.seen).size).toBe(slot.seen.length);
    }),
  );
});

test('a call writes no more than the open list, however much the slot remembers', async () => {
  const slot = rig();
  const [calls, size] = [100, 200];
  for (let n = 0; n < calls; n++) {
    const ids = Array.from({ length: size }, (_, m) => `${n}-${m}`);
    expect(await slot.call(START + 10 * Math.floor(n / 10), ids)).toHaveLength(size);
    expect((await slot.state.get<OpenList>(SEEN))?.list.length).toBeLessThan(20 * 1024);
  }
  expect(slot.seen.length).toBeGreaterThan(10);
  // What is closed was read once, and is known.
  expect(slot.fetched).toBe(slot.seen.length);
  slot.move();
  const again = Array.from({ length: calls }, (_, n) => `${n}-${n}`);
  expect(await slot.call(START + 200, again)).toEqual([]);
  // Nothing is kept for longer than need be.
  await slot.call(START + 2 * WINDOW, ['new']);
  expect([slot.seen, slot.state.entries.size]).toEqual([[], 1]);
});
