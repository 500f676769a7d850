import { RE2JS } from 're2js';
import type { Node } from '../ast.ts';
import type { Run } from '../run.ts';
import { bounded, constantText, type Family, ofTexts, type SqlFunction } from './function.ts';

/**
 * Regular expressions (docs/topic-rules.md: The SQL): Java syntax as far as RE2 supports it, which takes linear time
 * for any pattern. What only Java has is refused, see `needsJava`; an invalid pattern gives Undefined.
 */
export const REGEX_FUNCTIONS: Family = {
  regexp_matches: withPattern(2, ([text = '', pattern = ''], run) => {
    const regex = regexFor(pattern, text, run);
    return regex?.matcher(text).find();
  }),
  regexp_replace: withPattern(3, ([text = '', pattern = '', by = ''], run) => {
    const regex = regexFor(pattern, text, run);
    if (regex === undefined || !run.budget.spend((text.length * by.length) / 64)) return undefined;
    try {
      return bounded(regex.matcher(text).replaceAll(by, true), run);
    } catch {
      // The replacement names a group that does not exist, which gives Undefined.
      return undefined;
    }
  }),
  regexp_substr: withPattern(2, ([text = '', pattern = ''], run) => {
    const matcher = regexFor(pattern, text, run)?.matcher(text);
    return matcher?.find() === true ? (matcher.group() ?? undefined) : undefined;
  }),
};

/** Maximum characters of a pattern. */
const LONGEST_PATTERN = 1000;
/** Number of cached compiled patterns. */
const REMEMBERED = 200;
const compiled = new Map<string, RE2JS | undefined>();

function withPattern(
  count: number,
  evaluate: (texts: readonly string[], run: Run) => ReturnType<SqlFunction['evaluate']>,
): SqlFunction {
  return { ...ofTexts(count, evaluate), check: checkPattern, advise: advisePattern };
}

function checkPattern([, pattern]: readonly Node[]): string | undefined {
  const text = constantText(pattern);
  if (text === undefined) return undefined;
  if (text.length > LONGEST_PATTERN)
    return `The regular expression has more than ${LONGEST_PATTERN} characters`;
  if (compile(text) !== undefined || !(needsJava(text) || MAY_BE_JAVA.test(text))) return undefined;
  return 'The regular expression is not supported: there are no look-around, back references, possessive quantifiers, sets inside a class or escapes that only Java has';
}

function advisePattern([, pattern]: readonly Node[]): string | undefined {
  const text = constantText(pattern);
  if (text === undefined || compile(text) !== undefined) return undefined;
  return `The regular expression ${text.slice(0, 40)} cannot be read, so the result is always Undefined`;
}

function regexFor(pattern: string, text: string, run: Run): RE2JS | undefined {
  const regex = compile(pattern);
  // The time is bounded by the product of both sizes.
  return regex !== undefined && run.budget.spend((regex.programSize() * (text.length + 16)) / 64)
    ? regex
    : undefined;
}

function compile(pattern: string): RE2JS | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  if (pattern.length > LONGEST_PATTERN) return undefined;
  let regex: RE2JS | undefined;
  try {
    regex = needsJava(pattern) ? undefined : RE2JS.compile(pattern);
  } catch {
    // An invalid pattern is cached as such.
  }
  if (compiled.size >= REMEMBERED) compiled.clear();
  compiled.set(pattern, regex);
  return regex;
}

/** A quoted text, an escape, a group or quantifier that may be Java's own, an operator of sets, or a character. */
const PART = /\\Q.*?(?:\\E|$)|\\.|\(\?(?:<?[=!]|>)|[*+?]\+|\{\d+(?:,\d*)?\}\+|&&|./gsu;
/** The parts that RE2 does not have or reads otherwise, outside a class and inside. */
const ONLY_JAVA = /^(?:\\[1-9ceGhHkNRuvVXZ]|\(\?.+|[*+?]\+|\{.+)$/u;
const ONLY_JAVA_IN_CLASS = /^(?:\\[1-9cehHNRuvVX]|\[|&&)$/u;

/** Classes and repetitions of which RE2 has only some: in a pattern that it cannot read, they may be the reason. */
const MAY_BE_JAVA = /\\[pP]|\{\d*,?\d{4}/;

/** Whether a pattern has what only Java's regular expressions have. */
function needsJava(pattern: string): boolean {
  let isInClass = false;
  for (const [part] of pattern.matchAll(PART)) {
    if (part.startsWith('\\Q')) continue;
    if ((isInClass ? ONLY_JAVA_IN_CLASS : ONLY_JAVA).test(part)) return true;
    if (part === '[') isInClass = true;
    else if (part === ']') isInClass = false;
  }
  return false;
}
