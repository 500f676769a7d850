import { expect, test } from 'vitest';
import { HeapError, HeapWatch } from './heap-watch.ts';

const MB = 2 ** 20;

/** A heap on which each row needs twice its characters, plus garbage that a collection frees. */
function heap(limit: number) {
  const state = { live: 20 * MB, garbage: 0, collections: 0 };
  return {
    state,
    limit: limit * MB,
    used: () => state.live + state.garbage,
    collect() {
      state.garbage = 0;
      state.collections++;
    },
  };
}

/** Offers so many rows of 1 MB; returns how many were accepted. */
function take(watch: HeapWatch, { state }: ReturnType<typeof heap>, rows: number, garbage = 0): number {
  let kept = 0;
  for (let n = 0; n < rows; n++) {
    if (!watch.takes(MB)) continue;
    kept++;
    state.live += 2 * MB;
    state.garbage += garbage * MB;
  }
  return kept;
}

test('rows that fit are accepted, however much garbage there is', () => {
  const roomy = heap(1000);
  const watch = new HeapWatch(roomy);
  expect(take(watch, roomy, 400, 20)).toBe(400);
  watch.finish();
  // Collections take longer as the heap grows, so they run only when needed.
  expect(roomy.state.collections).toBeGreaterThan(0);
  expect(roomy.state.collections).toBeLessThan(30);
});

test('rows that are outside the heap count as if they were in it', () => {
  const cramped = heap(400);
  const watch = new HeapWatch(cramped);
  let kept = 0;
  for (let n = 0; n < 1000; n++) {
    if (!watch.takes(MB)) continue;
    kept++;
    watch.expects(2 * MB);
  }
  expect(kept).toBeGreaterThan(120);
  expect(kept).toBeLessThanOrEqual(160);
  expect(() => watch.finish()).toThrow(/needs about (19|20|21)\d\d MB of heap/);
});

test('rows that do not fit are counted, and the message recommends a size', () => {
  const cramped = heap(400);
  const watch = new HeapWatch(cramped);
  const kept = take(watch, cramped, 1000);
  // 20 MB and twice 160 MB leave the required part free.
  expect(kept).toBeGreaterThan(120);
  expect(kept).toBeLessThanOrEqual(160);
  let error: unknown;
  try {
    watch.finish();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(HeapError);
  const { message } = error as HeapError;
  const needed = Number(
    /needs about (\d+) MB of heap, but this process is limited to 400 MB/.exec(message)?.[1],
  );
  expect(needed).toBeGreaterThan(1900);
  expect(needed).toBeLessThan(2150);
  const enough = Number(/NODE_OPTIONS=--max-old-space-size=(\d+)$/.exec(message)?.[1]);
  expect(enough).toBeGreaterThan(needed * 1.4);
  const larger = heap(enough);
  const again = new HeapWatch(larger);
  expect(take(again, larger, 1000)).toBe(1000);
  again.finish();
});
