/** Dates of the proleptic Gregorian calendar. The pure core has no clock, and so no `Date`. */

export const DAY = 86_400_000;

export interface DateTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** Days from 1970-01-01 to a date. Years are counted from March, so that the leap day is the last of a year. */
export function daysTo(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date and time of milliseconds since 1970, in the same zone. */
export function dateTimeOf(local: number): DateTime {
  const days = Math.floor(local / DAY);
  const rest = local - days * DAY;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
    hour: Math.floor(rest / 3_600_000),
    minute: Math.floor(rest / 60_000) % 60,
    second: Math.floor(rest / 1000) % 60,
    millisecond: rest % 1000,
  };
}

/** Milliseconds since 1970 of a date and time, in the same zone; undefined when there is no such date. */
export function localTime(date: DateTime): number | undefined {
  const { year, month, day, hour, minute, second, millisecond } = date;
  const days = daysTo(year, month, day);
  const { month: same, day: sameDay } = dateTimeOf(days * DAY);
  if (same !== month || sameDay !== day) return undefined;
  return days * DAY + hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond;
}

/** From 1. */
export function dayOfYear({ year, month, day }: DateTime): number {
  return daysTo(year, month, day) - daysTo(year, 1, 1) + 1;
}

/** From 0 for Sunday. */
export function weekday({ year, month, day }: DateTime): number {
  return (((daysTo(year, month, day) + 4) % 7) + 7) % 7;
}

export const MONTHS =
  'January February March April May June July August September October November December'.split(' ');
export const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** The latest time that Intl supports. */
export const LATEST = 8.64e15;
