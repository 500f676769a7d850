import type { StepContext } from './types.ts';

type Instant = Pick<StepContext, 'now' | 'wall'>;

/** The wall-clock time of an evaluation. */
export function wallOf({ now, wall = now }: Instant): number {
  return wall;
}

/** Converts a timer's time to wall-clock time. */
export function shownAt(instant: Instant, time: number): number {
  return time + wallOf(instant) - instant.now;
}
