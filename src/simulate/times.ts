/** Times and durations as users write and read them. */

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(Z|([+-]\d{2})(?::?(\d{2}))?)?)?$/i;
const NUMBER = /^\d+(\.\d+)?(e[+-]?\d+)?$/i;
/** Smaller numbers are seconds since the epoch, others are milliseconds. */
const LEAST_MILLISECONDS = 1e11;
/** The latest time that ISO 8601 can express with a four-digit year. */
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Parses a time and returns milliseconds since the epoch. Accepts ISO 8601 (UTC unless it has an offset), or a number
 * of seconds or milliseconds, also as text. Returns undefined for anything else.
 */
export function parseTime(time: string | number): number | undefined {
  if (typeof time === 'number') return ofNumber(time);
  const text = time.trim();
  if (NUMBER.test(text)) return ofNumber(Number(text));
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, date = '', clock = '00:00', , hours, minutes = '00'] = match;
  if (!isDay(date)) return undefined;
  const offset = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  return within(Date.parse(`${date}T${clock.replace(',', '.')}${offset}`));
}

/** Date.parse takes 30 February for 2 March. */
function isDay(date: string): boolean {
  if (Number(date.slice(8)) <= 28) return true;
  const day = Date.parse(`${date}T00:00Z`);
  return Number.isFinite(day) && isoTime(day).startsWith(date);
}

/** Checks a number of milliseconds since the epoch. */
export function parseMilliseconds(time: number): number | undefined {
  return within(Math.round(time));
}

function ofNumber(number: number): number | undefined {
  return parseMilliseconds(number < LEAST_MILLISECONDS ? number * 1000 : number);
}

function within(time: number): number | undefined {
  return time >= 0 && time <= LATEST ? time : undefined;
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * Parses a duration and returns milliseconds. Accepts a number of seconds, or a text such as `90s`, `1h30m` or `500ms`.
 * Returns undefined for anything else.
 */
export function parseDuration(duration: string | number): number | undefined {
  const text = String(duration).trim();
  const seconds = NUMBER.test(text) ? Number(text) * 1000 : undefined;
  if (seconds !== undefined) return within(Math.round(seconds));
  const parts = [...text.matchAll(PART)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  const total = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS],
    0,
  );
  return within(Math.round(total));
}

/** Formats a duration for users: `5 min`, `1 h 30 min`, `2.5 s`. */
export function showDuration(milliseconds: number): string {
  const parts: string[] = [];
  let left = milliseconds;
  for (const [unit, name] of [
    [UNITS.d, 'd'],
    [UNITS.h, 'h'],
    [UNITS.m, 'min'],
  ] as const) {
    const count = Math.floor(left / unit);
    if (count > 0) parts.push(`${count} ${name}`);
    left -= count * unit;
  }
  if (left > 0 || parts.length === 0) parts.push(`${left / UNITS.s} s`);
  return parts.join(' ');
}
