import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes by which the old generation may grow before V8 collects it again: up to a size at which it is still small, or by
 * the least room, whichever is more; and their largest share of the heap's limit.
 */
const SMALL = 192 * 2 ** 20;
const LEAST_ROOM = 64 * 2 ** 20;
const LARGEST_SHARE = 1 / 16;
/** V8's own growth is at least about this much, in percent, so it decides when the room would be less. */
const USUAL_GROWTH = 30;
/** Milliseconds. */
const LOOK_AGAIN = 1000;

/**
 * Lets the old generation grow by more between two full collections. V8 lets one that hardly grows do so by a tenth or
 * two: a server of 100,000 detectors then collects it every few seconds, each time with its helper threads for 0.1 s, and
 * on two processors the requests of that time are the slowest 1 %. V8 keeps to the heap's limit in any case.
 */
export function keepHeapRoom(): void {
  let growth = 0;
  /** What the last full collection left. */
  let live = oldGeneration();
  const look = () => {
    const { heap_size_limit: limit } = getHeapStatistics();
    // V8 adds a share of what the next collection leaves, which will be about as much, or more by what has come to stay.
    const next = growthFor(Math.max(live, oldGeneration() - roomFor(live, limit)), limit);
    if (next === growth) return;
    growth = next;
    setFlagsFromString(`--heap-growing-percent=${growth}`);
  };
  look();
  setInterval(look, LOOK_AGAIN).unref();
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as readonly unknown[] as readonly Collection[])
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) live = oldGeneration();
  }).observe({ entryTypes: ['gc'] });
}

/** What an entry of the kind `gc` has, of which the types do not know. */
interface Collection {
  readonly detail: { readonly kind: number };
}

/** V8's percentage of growth for an old generation of which `live` bytes are in use; 0 leaves it to V8. */
export function growthFor(live: number, limit: number): number {
  const percent = Math.floor((100 * roomFor(live, limit)) / live);
  return percent > USUAL_GROWTH ? percent : 0;
}

function roomFor(live: number, limit: number): number {
  return Math.min(Math.max(SMALL - live, LEAST_ROOM), limit * LARGEST_SHARE);
}

function oldGeneration(): number {
  let used = 0;
  for (const { space_name: name, space_used_size: bytes } of getHeapSpaceStatistics())
    if (!name.startsWith('new_')) used += bytes;
  return used;
}
