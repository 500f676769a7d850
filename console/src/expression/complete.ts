import { FUNCTION_HELP } from './functions.ts';
import type { Names } from './names.ts';

/** Something that may stand where the cursor is. */
export interface Option {
  readonly label: string;
  /** What is put in its place; the label unless it differs. */
  readonly apply?: string;
  readonly kind: 'namespace' | 'class' | 'property' | 'variable' | 'function' | 'constant';
  /** Beside the label. */
  readonly detail?: string;
  /** Its documentation. */
  readonly info?: string;
}

export interface Completion {
  /** Where the text begins that an option replaces. */
  readonly from: number;
  readonly options: readonly Option[];
}

/** What may stand at the end of a text, which is the part of an expression before the cursor. */
export function complete(before: string, names: Names, isAsked: boolean): Completion | undefined {
  const named = /\b(timeout|currentInput|triggerType)\s*\(\s*["']([^"']*)$/.exec(before);
  if (named !== null) {
    const [, name = '', part = ''] = named;
    return { from: before.length - part.length, options: namedBy(name, names) };
  }
  if (isInText(before)) return undefined;
  const attribute = /\$input\.(?:`([^`]*)`|(\w+))\.([\w.`[\]]*)$/.exec(before);
  if (attribute !== null) {
    const [, quoted, plain = '', part = ''] = attribute;
    return { from: before.length - part.length, options: attributesOf(quoted ?? plain, names) };
  }
  const reference = /\$(input|variable)\.(\w*)$/.exec(before);
  if (reference !== null) {
    const [, kind, part = ''] = reference;
    const options = kind === 'input' ? inputs(names, '') : variables(names, '');
    return { from: before.length - part.length, options };
  }
  const dollar = /\$\w*$/.exec(before);
  if (dollar !== null)
    return {
      from: dollar.index,
      options: [...ROOTS, ...inputs(names, '$input.'), ...variables(names, '$variable.')],
    };
  const type = /\bconvert\s*\(\s*(\w*)$/.exec(before);
  if (type !== null) return { from: before.length - (type[1] ?? '').length, options: TYPES };
  const word = /(?<![\w.`$])[A-Za-z]\w*$/.exec(before);
  if (word === null && !isAsked) return undefined;
  if (/[.\w`]$/.test(before) && word === null) return undefined;
  return {
    from: word?.index ?? before.length,
    options: [...FUNCTIONS, ...CONSTANTS, ...inputs(names, '$input.'), ...variables(names, '$variable.')],
  };
}

/** Whether the end of a text is in a string of the language, and not in a substitution of it. */
export function isInText(before: string): boolean {
  const open: string[] = [];
  for (let at = 0; at < before.length; at++) {
    const character = before[at] ?? '';
    const top = open.at(-1);
    if (top === "'" || top === '"') {
      if (character === '\\') at++;
      else if (character === top) open.pop();
      else if (character === '$' && before[at + 1] === '{') {
        open.push('{');
        at++;
      }
    } else if (character === "'" || character === '"') open.push(character);
    else if (character === '}' && top === '{') open.pop();
  }
  const top = open.at(-1);
  return top === "'" || top === '"';
}

const ROOTS: readonly Option[] = [
  { label: '$input.', kind: 'namespace', info: 'The last message that the detector got on an input.' },
  { label: '$variable.', kind: 'namespace', info: 'A variable of the detector.' },
];

const TYPES: readonly Option[] = ['String', 'Decimal', 'Boolean'].map((label) => ({
  label,
  kind: 'constant',
}));

const CONSTANTS: readonly Option[] = ['true', 'false'].map((label) => ({ label, kind: 'constant' }));

const FUNCTIONS: readonly Option[] = Object.entries(FUNCTION_HELP).map(([name, { call, text }]) => {
  const takesName = name === 'timeout' || name === 'currentInput' || name === 'triggerType';
  return {
    label: name,
    apply: takesName ? `${name}("` : `${name}(`,
    kind: 'function',
    detail: call.slice(name.length),
    info: `${text.charAt(0).toUpperCase()}${text.slice(1)}`,
  };
});

function inputs({ inputs: known }: Names, prefix: string): Option[] {
  return [...known].map(([name, attributes]) => ({
    label: `${prefix}${name}`,
    kind: 'class',
    detail: 'input',
    info: attributes.length === 0 ? 'An input' : `An input with ${attributes.join(', ')}`,
  }));
}

function variables({ variables: known }: Names, prefix: string): Option[] {
  return [...known].map(([name, places]) => ({
    label: `${prefix}${name}`,
    kind: 'variable',
    detail: 'variable',
    info: `Set to ${places.join('; ')}`,
  }));
}

function attributesOf(inputName: string, { inputs: known }: Names): Option[] {
  return (known.get(inputName) ?? []).map((jsonPath) => ({
    label: jsonPath,
    kind: 'property',
    detail: 'attribute',
    info: `An attribute of the input ${inputName}`,
  }));
}

function namedBy(functionName: string, names: Names): Option[] {
  if (functionName === 'currentInput') return inputs(names, '');
  if (functionName === 'timeout')
    return [...names.timers].map(([label, places]) => ({
      label,
      kind: 'variable',
      detail: 'timer',
      info: `Set for ${places.join('; ')}`,
    }));
  return [
    { label: 'Message', kind: 'constant', info: 'A message triggered the evaluation.' },
    { label: 'Timer', kind: 'constant', info: 'A timer that expired triggered the evaluation.' },
  ];
}
