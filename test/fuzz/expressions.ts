import { compile, inferTypes, parse, references, type Scope } from '../../src/core/expression/index.ts';
import { renderJson } from '../../src/core/expression/json.ts';
import { isValue } from '../../src/core/expression/value.ts';
import { mutate, type Target } from './target.ts';

const PIECES = [
  '$input.',
  '$variable.',
  '$sitewise.assetModel.',
  '`',
  '"',
  "'",
  '${',
  '}',
  '(',
  ')',
  '[0]',
  '.a',
  '.`b c`',
  'T',
  'x',
  '1',
  '1.5',
  '9223372036854775807',
  '1e308',
  '-',
  '+',
  '*',
  '/',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  '&&',
  '||',
  '!',
  '~',
  '&',
  '|',
  '^',
  ',',
  'true',
  'false',
  'null',
  'timeout("t")',
  'currentInput("I")',
  'triggerType("Timer")',
  'isNull(',
  'isUndefined(',
  'convert(Decimal, ',
  'toString(',
  'length(',
  'substring(',
  'bitor(',
  'upper(',
  'trim(',
  '\\',
  '\n',
  ' ',
];
const SEEDS = [
  '$input.PressureInput.sensorData.pressure > 70 && $variable.count >= 3',
  "'${$input.T.v} is ${$variable.x + 1}'",
  'timeout("t") || currentInput("I") && !($variable.s == "a")',
  'convert(String, $input.I.list[2].`a b`) + "x"',
  '(1 + 2) * -3.5 / 4 <= 5',
];
/** Milliseconds. */
const LONGEST = 1000;

const held = [
  { a: 1, v: null, list: [1, 2, { 'a b': 'c' }], sensorData: { pressure: 80 } },
  undefined,
  ...[1, 2.5, 'text', true, undefined],
];
const scope: Scope = {
  at: (place) => held[place],
  triggerType: 'Message',
  currentInput: 0,
  timeout: () => true,
};
const bindings = {
  input: (name: string) => name.length % 2,
  attribute: ({ path }: { readonly path: readonly unknown[] }) => path.length % 7,
  variable: (name: string) => 2 + (name.length % 5),
  timer: () => 0,
  findInput: () => 0,
  findTimer: (name: string) => (name === '' ? undefined : 0),
};

export const expressions: Target = {
  name: 'expressions',
  run(random) {
    const text = random.chance(0.5)
      ? random.times(1, 30, () => random.pick(PIECES)).join('')
      : mutate(random, random.pick(SEEDS), PIECES);
    const began = performance.now();
    examine(text);
    if (performance.now() - began > LONGEST) throw new Error(`took longer than a second: ${text}`);
  },
};

function examine(text: string): void {
  const parsed = parse(text);
  if (!parsed.ok) {
    if (parsed.error.message === '') throw new Error('refused without a word');
    return;
  }
  references(parsed.node);
  inferTypes(parsed.node);
  const evaluate = compile(parsed.node, bindings);
  const outcome = evaluate(scope);
  if (isValue(outcome)) renderJson(outcome);
  // Repeated, since no state may remain between two evaluations.
  const again = evaluate(scope);
  const show = (value: typeof outcome) => (value === undefined ? 'undefined' : renderJson(value));
  if (show(again) !== show(outcome)) throw new Error('evaluates to something else the second time');
}
