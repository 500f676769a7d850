import { Schedule, type Scheduled } from '../messages/schedule.ts';
import { DEFAULT_START, isScheduled, type PlanOptions, piecesOf, type Source } from './message-plan.ts';

/** Receives messages in order. */
export interface Player {
  play(message: Scheduled): void;
}

/** The player and the number of messages it received. */
export interface Played<P extends Player> {
  readonly player: P;
  readonly count: number;
}

/**
 * Plays messages while they are read, in a single pass. Resolves with undefined when a single pass is not possible: an
 * element is invalid, times decrease, or the start depends on a message after the first. The messages played by then
 * must be discarded and not reported to anyone; use `planMessages` to get the faults or to play the messages in order.
 */
export async function playAsTheyStand<P extends Player>(
  sources: readonly Source[],
  options: PlanOptions,
  begin: (start: number) => P,
  onPlayed: (count: number) => void,
): Promise<Played<P> | undefined> {
  const schedule = new Schedule(options);
  let player: P | undefined;
  let count = 0;
  let latest = Number.NEGATIVE_INFINITY;
  let needsTime = options.start === undefined;
  let start = options.start ?? DEFAULT_START;
  for await (const piece of piecesOf(sources)) {
    for (const { result } of piece) {
      if (!result.ok) return undefined;
      const { time } = result.element;
      if (needsTime && time !== undefined) {
        if (player !== undefined) return undefined;
        start = time;
        needsTime = false;
      }
      const next = schedule.next(result.element, start);
      if (!isScheduled(next) || next.time < latest) return undefined;
      latest = next.time;
      player ??= begin(start);
      player.play(next);
      onPlayed(++count);
    }
  }
  return { player: player ?? begin(start), count };
}
