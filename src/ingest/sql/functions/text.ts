import { indexOf } from '../../../core/expression/search.ts';
import { utf8Length } from '../../../core/expression/utf8.ts';
import { toInteger, toText } from '../convert.ts';
import type { Run } from '../run.ts';
import { isArray, type Outcome, typeOf, type Value } from '../value.ts';
import { bounded, type Family, ofTexts, type SqlFunction, V1, V2 } from './function.ts';

/** Maximum number of spaces that lpad and rpad add. */
const MOST_PADDING = 1000;

/** Functions for texts (docs/topic-rules.md: The SQL). Characters are code points. */
export const TEXT_FUNCTIONS: Family = {
  chr: {
    since: V1,
    arity: [1, 1],
    evaluate: ([given], { version }) => {
      const code = toInteger(given, version);
      return code !== undefined && code >= 0 && code <= 127 ? String.fromCharCode(code) : undefined;
    },
  },
  concat: { since: V1, arity: [0, Number.POSITIVE_INFINITY], evaluate: concat },
  endswith: ofTexts(2, ([text = '', end = '']) => text.endsWith(end)),
  indexof: ofTexts(
    2,
    ([text = '', part = '']) => {
      const units = indexOf(text, part);
      return units < 0 ? -1 : lengthOf(text.slice(0, units));
    },
    V2,
  ),
  length: ofTexts(1, ([text = '']) => lengthOf(text), V2),
  lower: ofTexts(1, ([text = '']) => text.toLowerCase()),
  lpad: padded((text, spaces) => spaces + text),
  ltrim: ofTexts(1, ([text = '']) => text.replace(/^[\t ]+/, '')),
  numbytes: ofTexts(1, ([text = '']) => utf8Length(text), V2),
  replace: ofTexts(3, ([text = '', part = '', by = ''], run) => replaceAll(text, part, by, run)),
  rpad: padded((text, spaces) => text + spaces),
  rtrim: ofTexts(1, ([text = '']) => withoutEnd(text)),
  startswith: ofTexts(2, ([text = '', start = '']) => text.startsWith(start)),
  substring: {
    since: V1,
    arity: [2, 3],
    evaluate: (args, run) => {
      const text = toText(args[0]);
      const from = toInteger(args[1], run.version);
      const to = args.length === 2 ? Number.POSITIVE_INFINITY : toInteger(args[2], run.version);
      if (text === undefined || from === undefined || to === undefined) return undefined;
      if (!run.budget.spend(text.length / 16)) return undefined;
      return slice(text, Math.max(from, 0), Math.max(to, 0));
    },
  },
  trim: ofTexts(1, ([text = '']) => text.trim()),
  upper: ofTexts(1, ([text = '']) => text.toUpperCase()),
};

function concat(args: readonly Outcome[], run: Run): Outcome {
  const [first] = args;
  if (args.length <= 1)
    return isArray(first) || first === null || typeOf(first) === 'Object' ? first : toText(first);
  if (args.some(isArray)) {
    const items: Value[] = [];
    for (const each of args) {
      if (isArray(each)) for (const item of each) items.push(item);
      else if (each !== undefined) items.push(each);
      if (!run.budget.spend(items.length)) return undefined;
    }
    return items;
  }
  if (!args.some((each) => typeof each === 'string')) return undefined;
  const texts = args.map(toText);
  if (texts.includes(undefined)) return undefined;
  return bounded(texts.join(''), run);
}

function padded(join: (text: string, spaces: string) => string): SqlFunction {
  return {
    since: V1,
    arity: [2, 2],
    evaluate: ([given, count], run) => {
      const text = toText(given);
      const spaces = toInteger(count, run.version);
      if (text === undefined || spaces === undefined) return undefined;
      return bounded(join(text, ' '.repeat(Math.min(Math.max(spaces, 0), MOST_PADDING))), run);
    },
  };
}

function replaceAll(text: string, part: string, by: string, run: Run): string | undefined {
  const pieces = part === '' ? ['', ...text, ''] : piecesBetween(text, part);
  // The resulting length is known before the text is built.
  if (!run.budget.spend((text.length + (pieces.length - 1) * by.length) / 16)) return undefined;
  return bounded(pieces.join(by), run);
}

function piecesBetween(text: string, part: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let at = indexOf(text, part); at >= 0; at = indexOf(text, part, from)) {
    pieces.push(text.slice(from, at));
    from = at + part.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/** Equivalent to removing /[\t ]+$/, without the quadratic time of that expression. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return text.slice(0, end);
}

const SURROGATE = /[\ud800-\udfff]/;

function lengthOf(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length;
}

function slice(text: string, from: number, to: number): string {
  if (from >= to) return '';
  return SURROGATE.test(text) ? Array.from(text).slice(from, to).join('') : text.slice(from, to);
}
