import { DAY, dateTimeOf, LATEST, localTime } from './calendar.ts';

/** A time zone: a region, whose rules Intl knows, or a fixed offset. */
export interface Zone {
  readonly id: string;
  /** Milliseconds to add to UTC at that time. */
  offsetAt(time: number): number;
  /** A short name such as CST, or the offset when there is none. */
  shortName(time: number): string;
  /** A name such as Central Standard Time, or the offset when there is none. */
  longName(time: number): string;
}

const OFFSET = /^(UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/;
const zones = new Map<string, Zone | undefined>();
/** Number of cached zones. */
const REMEMBERED = 1000;

/** A region (`Europe/Berlin`), `UTC`, `GMT`, `Z`, or an offset (`+01:00`, `UTC+01:00`); undefined for anything else. */
export function zoneOf(id: string): Zone | undefined {
  if (zones.has(id)) return zones.get(id);
  if (id.length > 100) return undefined;
  if (zones.size >= REMEMBERED) zones.clear();
  const zone = fixedZone(id) ?? regionOf(id);
  zones.set(id, zone);
  return zone;
}

/**
 * Converts a zone's local time to UTC, both in milliseconds since 1970, like java.time: of two possible times the earlier
 * one; a time that the clocks skip is moved forward by what they skip.
 */
export function toUtc(local: number, zone: Zone): number {
  const before = zone.offsetAt(local - DAY);
  for (const offset of [before, zone.offsetAt(local + DAY)])
    if (zone.offsetAt(local - offset) === offset) return local - offset;
  return local - before;
}

/** `+0100`, or `+01:00` with a separator. */
export function offsetText(offset: number, separator: string): string {
  const minutes = Math.abs(Math.trunc(offset / 60_000));
  const two = (number: number) => String(number).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

/** The offset of a text like `+01:00`, in milliseconds. */
export function readOffset(text: string): number | undefined {
  const [, , sign, hours, minutes = '0', seconds = '0'] = OFFSET.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 18 || Number(minutes) > 59 || Number(seconds) > 59)
    return undefined;
  const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -offset : offset;
}

const UTC_NAME = 'Coordinated Universal Time';

function fixedZone(id: string): Zone | undefined {
  const isUtc = ['UTC', 'GMT', 'UT', 'Z'].includes(id);
  const offset = isUtc ? 0 : readOffset(id);
  if (offset === undefined) return undefined;
  const name = isUtc ? (id === 'Z' ? 'UTC' : id) : offsetText(offset, ':');
  const longName = isUtc ? UTC_NAME : name;
  return { id: isUtc ? name : id, offsetAt: () => offset, shortName: () => name, longName: () => longName };
}

function regionOf(id: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: id,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    // No zone of that name.
    return undefined;
  }
  const offsetAt = (time: number): number => {
    const asked = Math.min(Math.max(time, -LATEST), LATEST);
    const parts = new Map(format.formatToParts(asked).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
    const year = parts.get('era')?.startsWith('B') === true ? 1 - part('year') : part('year');
    const fields = {
      year,
      month: part('month'),
      day: part('day'),
      millisecond: dateTimeOf(asked).millisecond,
    };
    const local = localTime({
      ...fields,
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
    });
    return local === undefined ? 0 : local - asked;
  };
  const offset = (time: number) => offsetText(offsetAt(time), ':');
  return {
    ...{ id, offsetAt },
    shortName: (time) => shortName(id, time) ?? offset(time),
    longName: (time) => zoneName('en-US', id, time, 'long') ?? offset(time),
  };
}

/** Locales whose short zone names are combined, since each has names only for its own zones. */
const PLACES = ['en-US', 'en-GB', 'en-AU', 'en-CA', 'en-IN', 'en-ZA'];

function shortName(id: string, time: number): string | undefined {
  const names = PLACES.map((place) => zoneName(place, id, time, 'short'));
  return names.find((name) => name !== undefined && /^[A-Z]{2,5}$/.test(name));
}

function zoneName(place: string, id: string, time: number, length: 'short' | 'long'): string | undefined {
  return new Intl.DateTimeFormat(place, { timeZone: id, timeZoneName: length })
    .formatToParts(Math.min(Math.max(time, -LATEST), LATEST))
    .find(({ type }) => type === 'timeZoneName')?.value;
}
