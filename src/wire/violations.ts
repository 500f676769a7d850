import { invalid } from './errors.ts';

/** Violations that one answer spells out; the count in front is of all. */
const MOST_LISTED = 20;
/** Characters of an offending value that a message repeats. */
const LONGEST_VALUE = 128;

interface Violation {
  path: string;
  readonly shown: string;
  readonly constraint: string;
}

/**
 * Everything wrong with a request, in the service's words (reference: api 1.1). A violation is noted without its path;
 * whoever read the value around it puts its own step in front, so that a valid request builds no paths at all.
 */
export class Violations {
  readonly #listed: Violation[] = [];
  readonly #mostListed: number;
  #count = 0;

  constructor(mostListed = MOST_LISTED) {
    this.#mostListed = mostListed;
  }

  /** How many there are: what `within` needs to know of the time before reading. */
  get count(): number {
    return this.#count;
  }

  /** Gives undefined, as the value of the member that is wrong. */
  add(value: unknown, constraint: string, path = ''): undefined {
    this.#count++;
    if (this.#listed.length < this.#mostListed) this.#listed.push({ path, shown: show(value), constraint });
    return undefined;
  }

  /** Those after the first `before` lie within `step`: a member's name, or `3.member` of a list. */
  within(step: string, before: number): void {
    for (const violation of this.#listed.slice(before)) {
      violation.path = violation.path === '' ? step : `${step}.${violation.path}`;
    }
  }

  /** Where each one is, and the service's sentence about it. */
  get list(): readonly { readonly path: string; readonly message: string }[] {
    return this.#listed.map(({ path, shown, constraint }) => ({
      path,
      message: `Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`,
    }));
  }

  /** Throws InvalidRequestException when there is any. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const listed = this.list.map(({ message }) => message);
    const head = `${this.#count} validation error${this.#count === 1 ? '' : 's'} detected`;
    throw invalid(`${head}: ${listed.join('; ')}`);
  }
}

/** Never the whole of something nested: its depth and size are the client's. */
function show(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? "'[]'" : "'[...]'";
  if (typeof value === 'object') return Object.keys(value).length === 0 ? "'{}'" : "'{...}'";
  return `'${shorten(String(value))}'`;
}

function shorten(text: string): string {
  if (text.length <= LONGEST_VALUE) return text;
  // Half a surrogate pair is no character.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(LONGEST_VALUE - 1)) ? LONGEST_VALUE - 1 : LONGEST_VALUE;
  return `${text.slice(0, end)}...`;
}
