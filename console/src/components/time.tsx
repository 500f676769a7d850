import { useEffect, useState, useSyncExternalStore } from 'react';

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** How long ago, or ahead, in the largest fitting unit. */
export function relativeText(milliseconds: number, now: number): string {
  const seconds = Math.round((milliseconds - now) / 1000);
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return 'now';
}

/** `1 d 02 h`, `4 m 05 s`, `12 s`: a duration of milliseconds in two units at most. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds >= 86_400)
    return `${Math.floor(seconds / 86_400)} d ${two(Math.floor((seconds % 86_400) / 3600))} h`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${seconds} s`;
}

export function absoluteText(milliseconds: number): string {
  return absolute.format(milliseconds);
}

export function clockText(milliseconds: number): string {
  return clock.format(milliseconds);
}

/** One timer for all that shows relative times. */
const ticks = new Set<() => void>();
let tick: ReturnType<typeof setInterval> | undefined;
let second = Math.floor(Date.now() / 1000);

function subscribe(listener: () => void): () => void {
  ticks.add(listener);
  tick ??= setInterval(() => {
    second = Math.floor(Date.now() / 1000);
    for (const each of ticks) each();
  }, 1000);
  return () => {
    ticks.delete(listener);
    if (ticks.size > 0) return;
    clearInterval(tick);
    tick = undefined;
  };
}

/** The time, new each second; milliseconds since the epoch. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => second) * 1000;
}

/** A time as people say it, with the exact one when pointed at. */
export function Time({ at }: { readonly at: number | undefined }) {
  const now = useNow();
  if (at === undefined) return <span className="soft">–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={absoluteText(at)}>
      {relativeText(at, now)}
    </time>
  );
}

/** A value that follows `value` after it has stood still for a while; for searches. */
export function useSettled<T>(value: T, milliseconds = 200): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timeout = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timeout);
  }, [value, milliseconds]);
  return settled;
}
