import type { Execution, Queued } from './execution.ts';

/**
 * What waits in one queue, oldest first, as far as it is held in memory: beyond the limit the outbox keeps it on
 * disk and it is loaded later. Deliveries of one detector form a lane: only the first of a lane may be under way.
 *
 * Positions only grow, and what has one is durable before it is offered here. So everything on disk behind
 * `loadedTo` is either offered later or noted in `hasMore`.
 */
export class TargetQueue {
  readonly #limit: number;
  readonly #held = new Map<string, Queued>();
  readonly #lanes = new Map<string, Queued[]>();
  /** Lanes whose first delivery may begin. */
  readonly #ready = new Set<string>();
  #hasMore: boolean;
  #loading = false;
  /** The furthest position that was held. */
  #loadedTo = '';

  /** `hasMore` says whether deliveries wait on disk that were never offered: those of an earlier run. */
  constructor(limit: number, hasMore: boolean) {
    this.#limit = limit;
    this.#hasMore = hasMore;
  }

  /** How many are held. */
  get size(): number {
    return this.#held.size;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0 && !this.#hasMore && !this.#loading;
  }

  get oldest(): Queued | undefined {
    return this.#held.values().next().value;
  }

  /** Takes over what has just become durable, or leaves it on disk. */
  offer(queued: Queued): void {
    const isFull = this.#hasMore || this.#loading || this.#held.size >= this.#limit;
    // Two commits may be told in the wrong order: what is behind the furthest will not be loaded any more.
    if (isFull && queued.position > this.#loadedTo) this.#hasMore = true;
    else this.#hold(queued);
  }

  /** Where to load from and how many, when it is time to; `loaded` or `loadFailed` must follow. */
  beginLoading(): { readonly after: string; readonly limit: number } | undefined {
    if (!this.#hasMore || this.#loading || this.#held.size > this.#limit / 2) return undefined;
    this.#loading = true;
    // What is offered from here on may be read or not: then there is more.
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

  /** The next delivery to begin; its lane waits until `finish` or `putBack`. */
  take(): Queued | undefined {
    const lane = this.#ready.values().next().value;
    if (lane === undefined) return undefined;
    this.#ready.delete(lane);
    return this.#lanes.get(lane)?.[0];
  }

  /** A delivery is over, in one way or the other. */
  finish({ position, execution }: Queued): void {
    this.#held.delete(position);
    const lane = laneOf(execution);
    const waiting = this.#lanes.get(lane);
    waiting?.shift();
    if (waiting === undefined || waiting.length === 0) this.#lanes.delete(lane);
    else this.#ready.add(lane);
  }

  /** Keeps the new standing of a delivery that was taken; its lane goes on waiting. */
  replace(queued: Queued): void {
    this.#held.set(queued.position, queued);
    const waiting = this.#lanes.get(laneOf(queued.execution));
    if (waiting !== undefined) waiting[0] = queued;
  }

  /** A delivery that was taken may be taken again. */
  putBack({ execution }: Queued): void {
    this.#ready.add(laneOf(execution));
  }

  /** Takes out a delivery that waits; false when it is under way, waits for its next attempt or is being loaded. */
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
 * Order is kept within a detector or an alarm; where models of both kinds have one name, they share a lane. In a queue
 * that targets share, each has lanes of its own.
 */
function laneOf({ detectorModelName, alarmModelName, keyValue, queue, target }: Execution): string {
  const lane = `${detectorModelName ?? alarmModelName}/${keyValue ?? ''}`;
  return queue === undefined ? lane : `${lane}/${target}`;
}
