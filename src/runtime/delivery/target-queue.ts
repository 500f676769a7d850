import type { Execution, Queued } from './execution.ts';

/**
 * The deliveries waiting in one queue, oldest first, as far as they are held in memory; beyond the limit they stay on
 * disk and are loaded later. Deliveries of one detector form a lane: only the first of a lane may be in progress.
 *
 * Positions only grow, and a delivery is durable before it is offered here. So everything on disk after `loadedTo` is
 * either offered later or covered by `hasMore`.
 */
export class TargetQueue {
  readonly #limit: number;
  readonly #held = new Map<string, Queued>();
  readonly #lanes = new Map<string, Queued[]>();
  /** Lanes whose first delivery may start. */
  readonly #ready = new Set<string>();
  #hasMore: boolean;
  #loading = false;
  /** The highest position that was held. */
  #loadedTo = '';

  /** `hasMore` tells whether deliveries of an earlier run wait on disk. */
  constructor(limit: number, hasMore: boolean) {
    this.#limit = limit;
    this.#hasMore = hasMore;
  }

  get size(): number {
    return this.#held.size;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0 && !this.#hasMore && !this.#loading;
  }

  get oldest(): Queued | undefined {
    return this.#held.values().next().value;
  }

  /** Takes a delivery that has just become durable into memory, or leaves it on disk. */
  offer(queued: Queued): void {
    const isFull = this.#hasMore || this.#loading || this.#held.size >= this.#limit;
    // Two commits may report out of order: anything before the highest position will not be loaded any more.
    if (isFull && queued.position > this.#loadedTo) this.#hasMore = true;
    else this.#hold(queued);
  }

  /** Where to load from and how many, when loading is due; must be followed by `loaded` or `loadFailed`. */
  beginLoading(): { readonly after: string; readonly limit: number } | undefined {
    if (!this.#hasMore || this.#loading || this.#held.size > this.#limit / 2) return undefined;
    this.#loading = true;
    // The load may or may not see deliveries offered from here on, so assume there are more.
    this.#hasMore = false;
    return { after: this.#loadedTo, limit: this.#limit - this.#held.size };
  }

  loaded(loaded: readonly Queued[], limit: number): void {
    this.#loading = false;
    if (loaded.length === limit) this.#hasMore = true;
    for (const queued of loaded) this.#hold(queued);
  }

  loadFailed(): void {
    this.#loading = false;
    this.#hasMore = true;
  }

  /** The next delivery to start; its lane waits until `finish` or `putBack`. */
  take(): Queued | undefined {
    const lane = this.#ready.values().next().value;
    if (lane === undefined) return undefined;
    this.#ready.delete(lane);
    return this.#lanes.get(lane)?.[0];
  }

  /** A delivery has ended, whatever the outcome. */
  finish({ position, execution }: Queued): void {
    this.#held.delete(position);
    const lane = laneOf(execution);
    const waiting = this.#lanes.get(lane);
    waiting?.shift();
    if (waiting === undefined || waiting.length === 0) this.#lanes.delete(lane);
    else this.#ready.add(lane);
  }

  /** Stores the new status of a taken delivery; its lane keeps waiting. */
  replace(queued: Queued): void {
    this.#held.set(queued.position, queued);
    const waiting = this.#lanes.get(laneOf(queued.execution));
    if (waiting !== undefined) waiting[0] = queued;
  }

  /** Makes a taken delivery available again. */
  putBack({ execution }: Queued): void {
    this.#ready.add(laneOf(execution));
  }

  /** Removes a waiting delivery; false when it is in progress, waits for its next attempt or is being loaded. */
  remove({ position, execution }: Queued): boolean {
    const lane = laneOf(execution);
    const waiting = this.#lanes.get(lane);
    const index = waiting?.findIndex((each) => each.position === position) ?? -1;
    if (waiting === undefined || index < 0) return !this.#loading;
    if (index === 0 && !this.#ready.has(lane)) return false;
    waiting.splice(index, 1);
    this.#held.delete(position);
    if (waiting.length > 0) return true;
    this.#lanes.delete(lane);
    this.#ready.delete(lane);
    return true;
  }

  #hold(queued: Queued): void {
    if (queued.position > this.#loadedTo) this.#loadedTo = queued.position;
    this.#held.set(queued.position, queued);
    const lane = laneOf(queued.execution);
    const waiting = this.#lanes.get(lane);
    if (waiting !== undefined) {
      waiting.push(queued);
      return;
    }
    this.#lanes.set(lane, [queued]);
    this.#ready.add(lane);
  }
}

/**
 * Order is kept within a detector or an alarm; a detector model and an alarm model of the same name share a lane. In a
 * shared queue each target has its own lanes.
 */
function laneOf({ detectorModelName, alarmModelName, keyValue, queue, target }: Execution): string {
  const lane = `${detectorModelName ?? alarmModelName}/${keyValue ?? ''}`;
  return queue === undefined ? lane : `${lane}/${target}`;
}
