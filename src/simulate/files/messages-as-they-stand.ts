import { Schedule, type Scheduled } from '../messages/schedule.ts';
import { DEFAULT_START, isScheduled, type PlanOptions, piecesOf, type Source } from './message-plan.ts';

/** Whoever messages happen to. */
export interface Player {
  play(message: Scheduled): void;
}

/** What has been played, and how many messages. */
export interface Played<P extends Player> {
  readonly player: P;
  readonly count: number;
}

/**
 * Plays messages while they are read, once. Resolves with undefined where they have to be looked at before any is played:
 * there is a fault, or one is earlier than one before it, or only a later one tells where the clock starts. What has been
 * played until then counts for nothing, so nobody may have seen it; `planMessages` says what is wrong, or the order.
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
