/** Keywords of other languages, and what to write instead. */
const WORDS: Readonly<Record<string, string>> = {
  and: 'Write && instead of "and"',
  or: 'Write || instead of "or"',
  not: 'Write ! instead of "not"',
  true: 'Write true in lower case',
  false: 'Write false in lower case',
  null: 'Test for a missing value with isUndefined(…), for a JSON null with isNull(…)',
  undefined: 'Test for a missing value with isUndefined(…)',
  input: 'A reference begins with a dollar sign: $input',
  variable: 'A reference begins with a dollar sign: $variable',
};

const SIGNS: readonly (readonly [sign: RegExp, hint: string])[] = [
  [/(?:[^=!<>]|^)=(?:[^=]|$)/, 'Write == to compare'],
  [/===/, 'Write == to compare'],
  [/!==/, 'Write != to compare'],
  [/<>/, 'Write != instead of <>'],
  [/%/, 'There is no remainder operator'],
  [/\?/, 'There is no conditional operator: use two events'],
];

const ENTITY = /&(?:gt|lt|amp|quot|apos);/y;
const WORD = /[A-Za-z]\w*/y;
/** A reference up to its last name, which ends just before a hyphen. */
const HYPHENATED = /(\$(?:input|variable)[\w.`[\]]*\.)([A-Za-z]\w*(?:-\w*)*)-$/;
/** How far before an error to look for a reference with a hyphen, in characters. */
const LOOK_BACK = 300;

/** Suggests a correction for a syntax error at `at`; undefined when there is none. */
export function hintAt(text: string, at: number): string | undefined {
  return entityHint(text, at) ?? hyphenHint(text, at) ?? wordHint(text, at) ?? signHint(text, at);
}

function entityHint(text: string, at: number): string | undefined {
  ENTITY.lastIndex = at - 1;
  const entity = ENTITY.exec(text)?.[0];
  return entity && `The expression contains the HTML entity ${entity}: write the character itself`;
}

function wordHint(text: string, at: number): string | undefined {
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0].toLowerCase();
  return word !== undefined && Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}

/** `$input.pump-1.value` parses as a subtraction, which fails at the word after the hyphen. */
function hyphenHint(text: string, at: number): string | undefined {
  const before = HYPHENATED.exec(text.slice(Math.max(0, at - LOOK_BACK), at));
  if (before === null) return undefined;
  const [, path = '', name = ''] = before;
  const rest = /^[\w-]+/.exec(text.slice(at, at + LOOK_BACK))?.[0] ?? '';
  return `Put a name with hyphens in back-quotes: ${path}\`${name}-${rest}\``;
}

function signHint(text: string, at: number): string | undefined {
  const around = text.slice(Math.max(0, at - 2), at + 2);
  return SIGNS.find(([sign]) => sign.test(around))?.[1];
}
