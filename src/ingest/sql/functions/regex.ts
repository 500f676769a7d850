import { RE2JS } from 're2js';
import type { Node } from '../ast.ts';
import type { Run } from '../run.ts';
import { bounded, constantText, type Family, ofTexts, type SqlFunction } from './function.ts';

/**
 * Regular expressions (docs/topic-rules.md: The SQL): Java syntax as far as RE2 supports it, which takes linear time
 * for any pattern. Look-around, back references and possessive quantifiers are refused.
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
  return { ...ofTexts(count, evaluate), check: checkPattern };
}

function checkPattern([, pattern]: readonly Node[]): string | undefined {
  const text = constantText(pattern);
  if (text === undefined || compile(text) !== undefined) return undefined;
  return 'The regular expression is not supported: neither look-around, back references nor possessive quantifiers are';
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
    regex = RE2JS.compile(pattern);
  } catch {
    // An invalid or unsupported pattern is cached as such.
  }
  if (compiled.size >= REMEMBERED) compiled.clear();
  compiled.set(pattern, regex);
  return regex;
}
