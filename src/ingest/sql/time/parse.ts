import { DAY, type DateTime, dateTimeOf, daysTo, localTime, MONTHS, WEEKDAYS, weekday } from './calendar.ts';
import type { Field, Letter } from './pattern.ts';
import { readOffset, toUtc, type Zone, zoneOf } from './zone.ts';

type Found = Partial<Record<Letter, number>> & { zone?: Zone };

/** Parses a text like java.time; milliseconds since 1970, undefined when the text does not fit the pattern. */
export function parseTime(fields: readonly Field[], text: string): number | undefined {
  const found: Found = {};
  let at = 0;
  for (const [index, field] of fields.entries()) {
    if (field.kind === 'text') {
      if (!text.startsWith(field.text, at)) return undefined;
      at += field.text.length;
      continue;
    }
    const next = fields[index + 1];
    // Adjacent numeric fields are separated by their number of letters.
    const isPacked = next?.kind === 'field' && isNumeric(next);
    const length = read(field.letter, field.count, isPacked, text.slice(at, at + 100), found);
    if (length === undefined) return undefined;
    at += length;
  }
  return at === text.length ? resolve(found) : undefined;
}

const NAMES = /^[A-Za-z]+/;
const ZONE = /^(?:(?:UTC|GMT|UT)?[+-]\d{1,2}(?::?\d{2}){0,2}|Z(?![A-Za-z])|[A-Za-z][\w+\-/]*)/;

function isNumeric({ letter, count }: { readonly letter: Letter; readonly count: number }): boolean {
  return 'yudDHhKkmsS'.includes(letter) || (letter === 'M' && count < 3);
}

/** Parses one field at the start of the text; returns the number of characters consumed. */
function read(
  letter: Letter,
  count: number,
  isPacked: boolean,
  text: string,
  found: Found,
): number | undefined {
  if (isNumeric({ letter, count })) return readDigits(letter, count, isPacked, text, found);
  if (letter === 'M') return readName(MONTHS, count, text, (index) => set(found, 'M', index + 1));
  if (letter === 'E') return readName(WEEKDAYS, count, text, (index) => set(found, 'E', index));
  if (letter === 'a') return readName(['AM', 'PM'], 4, text, (index) => set(found, 'a', index));
  if (letter === 'G') return readName(['BC', 'AD'], 4, text, (index) => set(found, 'G', index));
  const isOffset = letter === 'Z' || letter === 'X';
  const [zoneText] = ZONE.exec(text) ?? [];
  if (zoneText === undefined) return undefined;
  if (isOffset && readOffset(zoneText) === undefined && !(letter === 'X' && zoneText === 'Z'))
    return undefined;
  const zone = zoneOf(zoneText) ?? zoneOf(ABBREVIATED[zoneText] ?? '');
  if (zone === undefined) return undefined;
  found.zone = zone;
  return zoneText.length;
}

/** Short zone names that java.time accepts and that are not zones themselves. */
const ABBREVIATED: Readonly<Record<string, string>> = {
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  MDT: 'America/Denver',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  EDT: 'America/New_York',
  BST: 'Europe/London',
  CEST: 'Europe/Berlin',
  JST: 'Asia/Tokyo',
};

function readDigits(
  letter: Letter,
  count: number,
  isPacked: boolean,
  text: string,
  found: Found,
): number | undefined {
  const isFraction = letter === 'S';
  // A single letter takes all the digits that follow; more letters are a minimum number of digits.
  const most =
    isPacked || isFraction || (count === 2 && letter === 'y')
      ? count
      : count === 1 || letter === 'y'
        ? 19
        : count;
  const [digits = ''] =
    new RegExp(`^\\d{${count === 1 ? 1 : count},${Math.max(most, count)}}`).exec(text) ?? [];
  if (digits === '') return undefined;
  const number = isFraction ? Number(digits.padEnd(3, '0').slice(0, 3)) : Number(digits);
  set(found, letter, letter === 'y' && count === 2 ? 2000 + number : number);
  return digits.length;
}

function readName(
  names: readonly string[],
  count: number,
  text: string,
  take: (index: number) => void,
): number | undefined {
  const [word = ''] = NAMES.exec(text) ?? [];
  const index = names.findIndex((name) => (count < 4 ? name.slice(0, 3) : name) === word);
  if (index < 0) return undefined;
  take(index);
  return word.length;
}

function set(found: Found, letter: Letter, number: number): void {
  found[letter] = number;
}

function resolve(found: Found): number | undefined {
  const date = dateOf(found);
  const time = timeOf(found);
  if (date === undefined || time === undefined) return undefined;
  const local = localTime({ ...date, ...time });
  if (local === undefined) return undefined;
  if (found.E !== undefined && found.E !== weekday({ ...date, ...time })) return undefined;
  return found.zone === undefined ? local : toUtc(local, found.zone);
}

type Day = Pick<DateTime, 'year' | 'month' | 'day'>;
type Time = Omit<DateTime, keyof Day>;

function dateOf({ y, u, G, M, d, D }: Found): Day | undefined {
  const year = u ?? (y === undefined ? undefined : G === 0 ? 1 - y : y);
  if (year === undefined || year > 200_000) return undefined;
  if (D !== undefined && M === undefined) {
    const { year: same, month, day } = dateTimeOf((daysTo(year, 1, 1) + D - 1) * DAY);
    return same === year && D > 0 ? { year, month, day } : undefined;
  }
  return M === undefined || d === undefined ? undefined : { year, month: M, day: d };
}

/** Midnight when the pattern has no time of day (docs/topic-rules.md: The SQL). */
function timeOf({ H, h, K, k, a, m = 0, s = 0, S = 0 }: Found): Time | undefined {
  const half = h === undefined ? K : h % 12;
  if (
    (h !== undefined && (h < 1 || h > 12)) ||
    (K !== undefined && K > 11) ||
    (k !== undefined && (k < 1 || k > 24))
  )
    return undefined;
  const hour = H ?? (k === undefined ? undefined : k % 24) ?? (half === undefined ? 0 : half + 12 * (a ?? 0));
  if (hour > 23 || m > 59 || s > 59) return undefined;
  return { hour, minute: m, second: s, millisecond: S };
}
