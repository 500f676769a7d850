import { type DateTime, dateTimeOf, dayOfYear, LATEST, MONTHS, WEEKDAYS, weekday } from './calendar.ts';
import type { Field, Letter } from './pattern.ts';
import { offsetText, type Zone, zoneOf } from './zone.ts';

/** Formats a time like Joda-Time; undefined for an unknown zone, and outside the range of the calendar. */
export function formatTime(fields: readonly Field[], time: number, zoneId: string): string | undefined {
  const zone = zoneOf(zoneId);
  if (zone === undefined || !(Math.abs(time) <= LATEST)) return undefined;
  const date = dateTimeOf(time + zone.offsetAt(time));
  return fields
    .map((field) => (field.kind === 'text' ? field.text : write(field.letter, field.count, date, time, zone)))
    .join('');
}

function write(letter: Letter, count: number, date: DateTime, time: number, zone: Zone): string {
  switch (letter) {
    case 'G':
      return date.year > 0 ? 'AD' : 'BC';
    case 'y': {
      const year = date.year > 0 ? date.year : 1 - date.year;
      return count === 2 ? padded(year % 100, 2) : padded(year, count);
    }
    case 'u':
      return padded(date.year, count);
    case 'M':
      return count < 3 ? padded(date.month, count) : name(MONTHS, date.month - 1, count);
    case 'd':
      return padded(date.day, count);
    case 'D':
      return padded(dayOfYear(date), count);
    case 'E':
      return name(WEEKDAYS, weekday(date), count);
    case 'a':
      return date.hour < 12 ? 'AM' : 'PM';
    case 'H':
      return padded(date.hour, count);
    case 'k':
      return padded(date.hour === 0 ? 24 : date.hour, count);
    case 'K':
      return padded(date.hour % 12, count);
    case 'h':
      return padded(date.hour % 12 === 0 ? 12 : date.hour % 12, count);
    case 'm':
      return padded(date.minute, count);
    case 's':
      return padded(date.second, count);
    case 'S':
      return padded(date.millisecond, 3).padEnd(count, '0').slice(0, count);
    case 'z':
      return count < 4 ? zone.shortName(time) : zone.longName(time);
    case 'V':
      return zone.id;
    case 'Z':
      if (count >= 3) return zone.id;
      return offsetText(zone.offsetAt(time), count === 1 ? '' : ':');
    case 'X':
      return isoOffset(zone.offsetAt(time), count);
  }
}

/** The offset as in ISO 8601 and java.time: `Z`, or depending on the number of letters `+01`, `+0100` or `+01:00`. */
function isoOffset(offset: number, count: number): string {
  if (offset === 0) return 'Z';
  const text = offsetText(offset, count % 2 === 1 && count > 1 ? ':' : '');
  return count === 1 && text.endsWith('00') ? text.slice(0, 3) : text;
}

function padded(number: number, count: number): string {
  return number < 0 ? `-${String(-number).padStart(count, '0')}` : String(number).padStart(count, '0');
}

function name(names: readonly string[], index: number, count: number): string {
  const full = names[index] ?? '';
  return count < 4 ? full.slice(0, 3) : full;
}
