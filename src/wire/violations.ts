import { invalid } from './errors.ts';

/** The maximum number of violations in one error message, which starts with the total count. */
const MOST_LISTED = 20;
/** The maximum length of an offending value quoted in a message, in characters. */
const LONGEST_VALUE = 128;

interface Violation {
  path: string;
  readonly shown: string;
  readonly constraint: string;
}

/**
 * Everything wrong with a request, in the service's words (reference: api 1.1). Paths are built only for violations:
 * each reader that returns to its caller prefixes the violations that were added with its own step.
 */
export class Violations {
  readonly #listed: Violation[] = [];
  readonly #mostListed: number;
  #count = 0;

  constructor(mostListed = MOST_LISTED) {
    this.#mostListed = mostListed;
  }

  /** The number of violations so far; pass an earlier count to `within`. */
  get count(): number {
    return this.#count;
  }

  /** Adds a violation. Returns undefined, to serve as the value of the invalid member. */
  add(value: unknown, constraint: string, path = ''): undefined {
    this.#count++;
    if (this.#listed.length < this.#mostListed) this.#listed.push({ path, shown: show(value), constraint });
    return undefined;
  }

  /** Prefixes all violations after the first `before` with `step`: a member's name, or `3.member` for a list item. */
  within(step: string, before: number): void {
    for (const violation of this.#listed.slice(before)) {
      violation.path = violation.path === '' ? step : `${step}.${violation.path}`;
    }
  }

  /** The path of each violation and the service's sentence about it. */
  get list(): readonly { readonly path: string; readonly message: string }[] {
    return this.#listed.map(({ path, shown, constraint }) => ({
      path,
      message: `Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`,
    }));
  }

  /** Throws an InvalidRequestException if there are violations. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const listed = this.list.map(({ message }) => message);
    const head = `${this.#count} validation error${this.#count === 1 ? '' : 's'} detected`;
    throw invalid(`${head}: ${listed.join('; ')}`);
  }
}

/** Nested values are abbreviated, because clients control their depth and size. */
function show(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? "'[]'" : "'[...]'";
  if (typeof value === 'object') return Object.keys(value).length === 0 ? "'{}'" : "'{...}'";
  return `'${shorten(String(value))}'`;
}

function shorten(text: string): string {
  if (text.length <= LONGEST_VALUE) return text;
  // Do not split a surrogate pair.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(LONGEST_VALUE - 1)) ? LONGEST_VALUE - 1 : LONGEST_VALUE;
  return `${text.slice(0, end)}...`;
}
