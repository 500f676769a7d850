import type { Timer } from './types.ts';

/** The running timer that expires first; of several at the same time, the one set first. */
export function nextTimer(timers: readonly Timer[]): Timer | undefined {
  let next: Timer | undefined;
  for (const timer of timers)
    if (timer.status === 'RUNNING' && (next === undefined || timer.expiresAt < next.expiresAt)) next = timer;
  return next;
}
