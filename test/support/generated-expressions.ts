import fc from 'fast-check';
import type { ScopeData } from './scope.ts';

const variables = ['n', 'd', 'w', 's', 'f', 'big', 'unset'];
const paths = [
  '.i',
  '.d',
  '.w',
  '.s',
  '.b',
  '.x',
  '.o',
  '.l[0]',
  '.l[1].k',
  '.l[9]',
  '.absent',
  '.o.a',
  '.i.z',
  '.`odd name`',
];

const stringText = fc.constantFrom(
  'a',
  'ab',
  '',
  'true',
  'false',
  '12',
  '4.5',
  'é',
  'x y',
  '}',
  '{"a":1}',
  'Decimal',
);
const quoted = stringText.map((text) => `'${text}'`);
const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('0', '1', '70', '9007199254740992', '9223372036854775807', '4294967296'),
  fc.constantFrom('0.5', '2.0', '30.0', '10.01', '-2.5', '1e3', '1.5e300', '9007199254740992.0'),
);

/** Texts of the language: every operator, function and kind of reference, mostly of types that fit. */
export const expressionText: fc.Arbitrary<string> = fc.letrec<{
  node: string;
  number: string;
  boolean: string;
  string: string;
}>((tie) => {
  const reference = fc.oneof(
    fc.constantFrom(...variables).map((name) => `$variable.${name}`),
    fc.constantFrom(...paths).map((path) => `$input.T${path}`),
    fc.constantFrom(...paths).map((path) => `$input.U${path}`),
  );
  const binary = (operators: string[], left: fc.Arbitrary<string>, right = left) =>
    fc.tuple(left, fc.constantFrom(...operators), right).map(([a, operator, b]) => `(${a} ${operator} ${b})`);
  const call = (names: string[], ...args: fc.Arbitrary<string>[]) =>
    fc
      .tuple(fc.constantFrom(...names), fc.tuple(...args))
      .map(([name, given]) => `${name}(${given.join(', ')})`);
  const numberNode = fc.oneof(
    { depthSize: 'small' },
    number,
    reference,
    binary(['+', '-', '*', '/'], tie('number')),
    binary(['|', '^', '&'], tie('number')),
    tie('number').map((operand) => `-(${operand})`),
    tie('number').map((operand) => `~(${operand})`),
    call(['bitor', 'bitand', 'bitxor'], tie('number'), tie('number')),
    call(['bitnot'], tie('number')),
    call(['convert'], fc.constantFrom('Decimal', "'Decimal'"), tie('string')),
  );
  const booleanNode = fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('true', 'false'),
    reference,
    binary(['<', '<=', '>', '>=', '==', '!='], tie('number')),
    binary(['==', '!='], tie('string')),
    binary(['&&', '||', '==', '!='], tie('boolean')),
    tie('boolean').map((operand) => `!${operand}`),
    call(['startsWith', 'endsWith', 'contains'], tie('string'), tie('string')),
    call(['isNull', 'isUndefined'], tie('node')),
    call(['timeout'], fc.constantFrom("'t1'", '"t2"')),
    call(['currentInput'], fc.constantFrom('"T"', '"U"')),
    call(['triggerType'], fc.constantFrom('"Message"', '"TIMER"')),
    call(['convert'], fc.constant('Boolean'), tie('string')),
  );
  const stringNode = fc.oneof(
    { depthSize: 'small' },
    quoted,
    reference,
    binary(['+'], tie('string')),
    tie('node').map((node) => `'<\${${node}}>'`),
    tie('node').map((node) => `"\${ ${node} }"`),
    fc.tuple(tie('string'), tie('number')).map(([a, b]) => `'\${${a} + ${b}}'`),
    call(['convert'], fc.constant('String'), tie('node')),
  );
  return {
    number: numberNode,
    boolean: booleanNode,
    string: stringNode,
    node: fc.oneof(
      { arbitrary: tie('boolean'), weight: 4 },
      { arbitrary: tie('number'), weight: 2 },
      { arbitrary: tie('string'), weight: 2 },
      {
        arbitrary: fc
          .tuple(tie('boolean'), fc.constantFrom('+', '-', '<', '==', '!=', '&&', '||', '&'), tie('string'))
          .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
        weight: 1,
      },
    ),
  };
}).node;

const message = fc.record({
  i: fc.integer({ min: -100, max: 100 }).map(String),
  d: fc.constantFrom('0.5', '10.01', '-3.25'),
  w: fc.constantFrom('30.0', '0.0', '1e2'),
  s: fc.constantFrom('"a"', '"ab"', '"12"'),
  b: fc.constantFrom('true', 'false'),
});

export const scopeData: fc.Arbitrary<ScopeData> = fc
  .record({
    first: message,
    hasSecond: fc.boolean(),
    isTimer: fc.boolean(),
    expired: fc.subarray(['t1', 't2']),
  })
  .map(({ first, hasSecond, isTimer, expired }) => {
    const { i, d, w, s, b } = first;
    const text = `{"i":${i},"d":${d},"w":${w},"s":${s},"b":${b},"x":null,"o":{"a":1},"l":[1,{"k":"z"}],"odd name":2}`;
    return {
      variables: { n: '3', d: '2.5', w: '30.0', s: "'ab'", f: 'true', big: '9223372036854775807' },
      inputs: { T: text, U: hasSecond ? text : '' },
      trigger: isTimer ? ({ type: 'Timer' } as const) : ({ type: 'Message', input: 'T' } as const),
      expired,
    };
  });
