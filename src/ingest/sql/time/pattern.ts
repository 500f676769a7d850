/** A parsed date pattern: repeated letters, and text between them. */
export type Field =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: Letter; readonly count: number };

export type Letter =
  | 'G'
  | 'y'
  | 'u'
  | 'M'
  | 'd'
  | 'D'
  | 'E'
  | 'a'
  | 'H'
  | 'h'
  | 'K'
  | 'k'
  | 'm'
  | 's'
  | 'S'
  | 'z'
  | 'Z'
  | 'V'
  | 'X';

/** The letters of a pattern dialect, mapped to Tripline's names (docs/topic-rules.md: The SQL). */
export type Dialect = Readonly<Record<string, Letter>>;

const COMMON: Dialect = Object.fromEntries(
  [...'GyMdDEaHhKkmsSzZ'].map((letter) => [letter, letter]),
) as Dialect;

/** java.time, for `time_to_epoch`: `u` is the year. */
export const JAVA_TIME: Dialect = { ...COMMON, u: 'u', V: 'V', X: 'X' };

/** Joda-Time, for `parse_time`, with the additional letters of java.time: `Y` is the year of the era. */
export const JODA: Dialect = { ...JAVA_TIME, Y: 'y' };

export type PatternResult =
  | { readonly ok: true; readonly fields: readonly Field[] }
  | { readonly ok: false; readonly message: string };

const PART = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/y;

/** Parses a pattern; reports an unknown letter. */
export function readPattern(pattern: string, dialect: Dialect): PatternResult {
  const fields: Field[] = [];
  let at = 0;
  while (at < pattern.length) {
    PART.lastIndex = at;
    const match = PART.exec(pattern);
    if (match === null) return { ok: false, message: 'The time pattern has an unclosed quote' };
    const [part, quoted, letter] = match;
    at += part.length;
    if (letter === undefined) {
      const text = quoted === '' ? "'" : (quoted?.replaceAll("''", "'") ?? part);
      fields.push({ kind: 'text', text });
      continue;
    }
    const known = Object.hasOwn(dialect, letter) ? dialect[letter] : undefined;
    if (known === undefined)
      return {
        ok: false,
        message: `The time pattern letter ${letter} is not supported; there are ${Object.keys(dialect).join(' ')}`,
      };
    if (part.length > 9)
      return { ok: false, message: `The time pattern repeats ${letter} more than nine times` };
    fields.push({ kind: 'field', letter: known, count: part.length });
  }
  return { ok: true, fields };
}
