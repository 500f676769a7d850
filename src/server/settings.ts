import { nearest } from '../core/expression/index.ts';
import { parseDuration } from '../simulate/times.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads the value of a setting, from the configuration file or the command line. `name` is its name in error messages.
 * Throws UsageError for an unusable value.
 */
export type Reader = (value: unknown, name: string) => unknown;

export function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`${name} must be a non-empty string, not ${JSON.stringify(value)}`);
}

export function boolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new UsageError(`${name} must be true or false`);
}

export function port(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65_535)
    return number;
  throw new UsageError(`${name} must be a port number from 0 to 65535, not ${JSON.stringify(value)}`);
}

/** A duration as users write it; a number means seconds. */
export function duration(value: unknown, name: string): string {
  const read = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined;
  if (read !== undefined && read > 0) return String(value);
  throw new UsageError(`${name} must be a duration such as 90s, 12h or 7d, not ${JSON.stringify(value)}`);
}

export function wholeNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`${name} must be a whole number greater than 0, not ${JSON.stringify(value)}`);
}

export function seconds(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (Number.isInteger(number) && (number as number) >= 1 && (number as number) <= 3600)
    return number as number;
  throw new UsageError(`${name} must be whole seconds from 1 to 3600, not ${JSON.stringify(value)}`);
}

export function url(protocols: RegExp, example: string): Reader {
  return (value, name) => {
    const given = text(value, name);
    if (URL.canParse(given) && protocols.test(new URL(given).protocol)) return given;
    throw new UsageError(`${name} must be a URL such as ${example}, not ${given}`);
  };
}

/** One URL, or several separated by commas. */
export function urls(protocols: RegExp, example: string): Reader {
  const one = url(protocols, example);
  return (value, name) =>
    text(value, name)
      .split(',')
      .map((each) => one(each.trim(), name))
      .join(',');
}

/** A list in the configuration file, comma-separated on the command line. */
export function hosts(value: unknown, name: string): readonly string[] {
  const list: unknown = typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value;
  if (Array.isArray(list) && list.every((each) => typeof each === 'string' && /^[\w.-]+$/.test(each)))
    return list.map((each: string) => each.toLowerCase());
  throw new UsageError(`${name} must be host names without ports`);
}

/** A list in the configuration file, comma-separated on the command line. */
export function targets(value: unknown, name: string): readonly string[] {
  const list: unknown = typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value;
  if (
    Array.isArray(list) &&
    list.every((each) => typeof each === 'string' && /^[a-z-]+\/[^*]*\*?$/.test(each))
  )
    return list;
  throw new UsageError(
    `${name} must be targets such as sqs/https://sqs.us-east-1.amazonaws.com/123456789012/alerts or lambda/*; ` +
      'an asterisk matches any ending',
  );
}

export function oneOf(allowed: readonly string[]): Reader {
  return (value, name) => {
    if (typeof value === 'string' && allowed.includes(value)) return value;
    throw new UsageError(`${name} must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`);
  };
}

export function pattern(expected: RegExp, description: string): Reader {
  return (value, name) => {
    if (typeof value === 'string' && expected.test(value)) return value;
    throw new UsageError(`${name} must be ${description}, not ${JSON.stringify(value)}`);
  };
}

/** An error text for an unknown name, with the nearest known one. */
export function unknown(name: string, what: string, key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `${name} is not a ${what}${near === undefined ? '' : `; did you mean ${near}?`}`;
}
