/** What people write who come from another language, and how this one has it. */
const WORDS: Readonly<Record<string, string>> = {
  and: 'Write && for "and"',
  or: 'Write || for "or"',
  not: 'Write ! for "not"',
  true: 'Write true in lower case',
  false: 'Write false in lower case',
  null: 'Ask for a missing value with isUndefined(…), for a JSON null with isNull(…)',
  undefined: 'Ask for a missing value with isUndefined(…)',
};

const SIGNS: readonly (readonly [sign: RegExp, hint: string])[] = [
  [/(?:[^=!<>]|^)=(?:[^=]|$)/, 'Write == to compare'],
  [/===/, 'Write == to compare'],
  [/!==/, 'Write != to compare'],
  [/<>/, 'Write != for "not equal"'],
  [/%/, 'There is no remainder operator'],
  [/\?/, 'There is no conditional operator: use two events'],
];

const ENTITY = /&(?:gt|lt|amp|quot|apos);/y;
const WORD = /[A-Za-z]+/y;
/** A reference that ends just before a hyphen, as far as its last name. */
const HYPHENATED = /(\$(?:input|variable)[\w.`[\]]*\.)([A-Za-z]\w*(?:-\w*)*)-$/;
/** Characters before an error that a reference with a hyphen is looked for in. */
const LOOK_BACK = 300;

/** What was probably meant where a text stops being an expression; undefined when nothing comes to mind. */
export function hintAt(text: string, at: number): string | undefined {
  return entityHint(text, at) ?? wordHint(text, at) ?? hyphenHint(text, at) ?? signHint(text, at);
}

function entityHint(text: string, at: number): string | undefined {
  ENTITY.lastIndex = at - 1;
  const entity = ENTITY.exec(text)?.[0];
  return entity && `The text has the HTML entity ${entity}: write the character itself`;
}

function wordHint(text: string, at: number): string | undefined {
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0].toLowerCase();
  return word !== undefined && Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}

/** `$input.pump-1.value` is read as a subtraction, which fails at the word behind the hyphen. */
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
