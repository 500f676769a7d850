import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Bytes by which the old generation may grow before V8 collects it again, and their largest share of the heap's limit. */
const ROOM = 64 * 2 ** 20;
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
  const look = () => {
    const next = growthFor(oldGeneration(), getHeapStatistics().heap_size_limit);
    if (next === growth) return;
    growth = next;
    setFlagsFromString(`--heap-growing-percent=${growth}`);
  };
  look();
  setInterval(look, LOOK_AGAIN).unref();
}

/** V8's percentage of growth for an old generation of `used` bytes; 0 leaves it to V8. */
export function growthFor(used: number, limit: number): number {
  const percent = Math.floor((100 * Math.min(ROOM, limit * LARGEST_SHARE)) / used);
  return percent > USUAL_GROWTH ? percent : 0;
}

function oldGeneration(): number {
  let used = 0;
  for (const { space_name: name, space_used_size: bytes } of getHeapSpaceStatistics())
    if (!name.startsWith('new_')) used += bytes;
  return used;
}
