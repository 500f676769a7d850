import type { StepContext } from './types.ts';

type Instant = Pick<StepContext, 'now' | 'wall'>;

/** What the machine's clock shows at the instant of an evaluation. */
export function wallOf({ now, wall = now }: Instant): number {
  return wall;
}

/** When a time by which timers run is by the machine's clock. */
export function shownAt(instant: Instant, time: number): number {
  return time + wallOf(instant) - instant.now;
}
