import fc from 'fast-check';
import { FUNCTIONS, type FunctionName, type Node, type Step } from '../../src/core/expression/index.ts';
import { renderJson } from '../../src/core/expression/json.ts';
import { decimal, type Json, shrink, type Value } from '../../src/core/expression/value.ts';
import type { ScopeData } from '../support/scope.ts';
import { print, type Style } from './print.ts';

const EDGES = [2n ** 31n, 2n ** 32n, 2n ** 52n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n];
const integers = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -20, max: 20 }) },
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(shrink),
  fc
    .tuple(fc.constantFrom(...EDGES), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
    .map(([edge, near, negative]) => {
      const exact = BigInt.asIntN(63, edge + near);
      return shrink(negative ? -exact : exact);
    }),
);
const decimals = fc
  .oneof(
    fc.constantFrom(0, -0, 0.5, 2.5, 30, -1.5, 10.01, 2 ** 53, 2 ** 63, 1e21, 5e-324),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  .map((double) => decimal(double) ?? 0.5);
const texts = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'ab',
    'off',
    'offline',
    'true',
    'false',
    '5',
    '-2.5',
    '1e3',
    '+7.25',
    '5.',
    '0x1f',
  ),
  fc.constantFrom(
    '$',
    '{',
    '}',
    '${',
    "it's",
    '"',
    '\\',
    '\\n',
    'two\nlines',
    'String',
    'Boolean',
    'Decimal',
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const values: fc.Arbitrary<Value> = fc.oneof(integers, decimals, texts, fc.boolean());

const NAMES = [
  'v',
  'k',
  'value',
  'length',
  'constructor',
  '__proto__',
  'at',
  '0',
  'motor pressure',
  'toString',
];

const payloads: fc.Arbitrary<Json> = fc.letrec<{ json: Json; object: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: values as fc.Arbitrary<Json> },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: tie('object') },
    { weight: 1, arbitrary: fc.array(tie('json'), { maxLength: 3 }) },
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...NAMES), tie('json')), { maxLength: 6 })
    .map(Object.fromEntries),
})).object;

const PLAIN: Style = { space: ' ', quote: "'", allParentheses: false, bareTypes: true };

/** A scope's data are texts; `parse` and `parseJson` convert their numbers. */
function asText(value: Value): string {
  return print(literal(value), PLAIN);
}

/** Few distinct names, so that references often resolve; `unset` never exists. */
export const scopes: fc.Arbitrary<ScopeData> = fc
  .record({
    variables: fc.record({
      n: integers.map(asText),
      d: decimals.map(asText),
      s: texts.map(asText),
      f: fc.boolean().map(asText),
      any: values.map(asText),
    }),
    inputs: fc.dictionary(fc.constantFrom('T', 'U'), payloads.map(renderJson), { maxKeys: 2 }),
    message: fc.option(fc.constantFrom('T', 'U'), { nil: undefined }),
    expired: fc.subarray(['t1', 't2']),
  })
  .map(({ message, ...scope }) => ({
    ...scope,
    trigger: message === undefined ? { type: 'Timer' } : { type: 'Message', input: message },
  }));

export const styles: fc.Arbitrary<Style> = fc.record({
  space: fc.constantFrom('', ' ', '\n\t'),
  quote: fc.constantFrom("'", '"'),
  allParentheses: fc.boolean(),
  bareTypes: fc.boolean(),
});

const SPAN = { start: 0, end: 0 };

function literal(value: Value): Node {
  return { kind: 'literal', value, ...SPAN };
}

function variable(name: string): Node {
  return { kind: 'variable', name, ...SPAN };
}

function call(name: FunctionName, ...args: Node[]): Node {
  return { kind: 'call', name, args, ...SPAN };
}

const steps: fc.Arbitrary<Step> = fc.oneof(fc.constantFrom(...NAMES), fc.nat({ max: 2 }));
const inputs: fc.Arbitrary<Node> = fc
  .tuple(fc.constantFrom('T', 'U'), fc.array(steps, { maxLength: 3 }))
  .map(([name, path]) => ({ kind: 'input', name, path, ...SPAN }));
const onNames = fc.oneof(
  fc.constantFrom('t1', 't2').map((name) => call('timeout', literal(name))),
  fc.constantFrom('T', 'U').map((name) => call('currentInput', literal(name))),
  fc.constantFrom('Message', 'TIMER', 'other').map((name) => call('triggerType', literal(name))),
);

/** Names computed by an expression. */
const dynamicNames: fc.Arbitrary<Node> = fc.oneof(
  fc.constantFrom('s', 'n', 'unset').map(variable),
  fc.constantFrom('t1', 't9', 'T', 'Message').map((name): Node => {
    return { kind: 'binary', operator: '+', left: literal(name), right: literal(''), ...SPAN };
  }),
);

interface Sorts {
  number: Node;
  text: Node;
  truth: Node;
  any: Node;
  start: Node;
}

/**
 * Expressions with every operator, function and kind of reference. Operands mostly have a suitable type, since nearly
 * all results would be undefined otherwise.
 */
export const expressions: fc.Arbitrary<Node> = fc.letrec<Sorts>((tie: fc.LetrecTypedTie<Sorts>) => {
  const mostly = (sort: 'number' | 'text' | 'truth') =>
    fc.oneof({ weight: 9, arbitrary: tie(sort) }, { weight: 1, arbitrary: tie('any') });
  const binary = (
    operators: readonly Extract<Node, { kind: 'binary' }>['operator'][],
    left: fc.Arbitrary<Node>,
    right = left,
  ): fc.Arbitrary<Node> =>
    fc
      .tuple(fc.constantFrom(...operators), left, right)
      .map(([operator, a, b]) => ({ kind: 'binary', operator, left: a, right: b, ...SPAN }));
  const unary = (
    operator: Extract<Node, { kind: 'unary' }>['operator'],
    operand: fc.Arbitrary<Node>,
  ): fc.Arbitrary<Node> => operand.map((inner) => ({ kind: 'unary', operator, operand: inner, ...SPAN }));
  const calls = (names: readonly FunctionName[], arg: fc.Arbitrary<Node>): fc.Arbitrary<Node> =>
    fc
      .tuple(fc.constantFrom(...names), arg, arg)
      .map(([name, a, b]) => call(name, ...[a, b].slice(0, FUNCTIONS[name].takes.length)));
  const convert = (type: 'String' | 'Boolean' | 'Decimal') =>
    tie('any').map((value) => call('convert', literal(type), value));
  const template = fc.tuple(fc.array(fc.tuple(texts, tie('any')), { minLength: 1, maxLength: 2 }), texts).map(
    ([pairs, tail]): Node => ({
      kind: 'template',
      parts: [...pairs.flat(), tail].filter((part) => part !== ''),
      ...SPAN,
    }),
  );
  const bounded = { maxDepth: 5, depthIdentifier: 'expression' };
  return {
    number: fc.oneof(
      bounded,
      { weight: 2, arbitrary: fc.oneof(integers, decimals).map(literal) },
      fc.constantFrom('n', 'd').map(variable),
      { weight: 3, arbitrary: binary(['+', '-', '*', '/'], mostly('number')) },
      binary(['|', '^', '&'], mostly('number')),
      unary('-', mostly('number')),
      unary('~', mostly('number')),
      calls(['bitor', 'bitand', 'bitxor', 'bitnot'], mostly('number')),
      convert('Decimal'),
    ),
    text: fc.oneof(
      bounded,
      { weight: 2, arbitrary: texts.map(literal) },
      fc.constant(variable('s')),
      binary(['+'], mostly('text')),
      { weight: 2, arbitrary: template },
      convert('String'),
    ),
    truth: fc.oneof(
      bounded,
      fc.boolean().map(literal),
      fc.constant(variable('f')),
      onNames,
      { weight: 3, arbitrary: binary(['&&', '||'], mostly('truth')) },
      binary(['<', '<=', '>', '>=', '==', '!='], mostly('number')),
      binary(['==', '!='], mostly('text')),
      binary(['==', '!='], tie('any')),
      unary('!', mostly('truth')),
      calls(['isNull', 'isUndefined'], tie('any')),
      calls(['startsWith', 'endsWith', 'contains'], mostly('text')),
      convert('Boolean'),
    ),
    any: fc.oneof(
      bounded,
      fc.constantFrom('any', 'unset').map(variable),
      { weight: 2, arbitrary: inputs },
      tie('number'),
      tie('text'),
      tie('truth'),
      fc.tuple(tie('text'), tie('any')).map(([type, value]) => call('convert', type, value)),
      fc
        .tuple(fc.constantFrom<FunctionName>('timeout', 'currentInput', 'triggerType'), dynamicNames)
        .map(([name, argument]) => call(name, argument)),
    ),
    start: fc.oneof(
      { weight: 3, arbitrary: tie('number') },
      tie('text'),
      { weight: 3, arbitrary: tie('truth') },
      tie('any'),
    ),
  };
}).start;
