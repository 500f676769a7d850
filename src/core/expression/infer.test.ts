import { describe, expect, test } from 'vitest';
import { type Environment, inferTypes, parse, type Types } from './index.ts';

const ANY = ['Boolean', 'Integer', 'Decimal', 'String'];
const NUMBER = ['Integer', 'Decimal'];

function infer(text: string, environment?: Environment): ReturnType<typeof inferTypes> {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return inferTypes(parsed.node, environment);
}

describe('result types', () => {
  test.each<[string, string[]]>([
    ['1', ['Integer']],
    ['1.0', ['Decimal']],
    ["'1'", ['String']],
    ["'${1}'", ['String']],
    ['$variable.x', ANY],
    ['$input.T.x', ANY],
    ['1 + 2', ['Integer']],
    ['1 / 2.0', ['Decimal']],
    ['$variable.x + 1', NUMBER],
    ['$variable.x * 1.5', ['Decimal']],
    ["$variable.x + 'a'", ['String']],
    ['$variable.x + $variable.y', ['Integer', 'Decimal', 'String']],
    ["'a' + 'b'", ['String']],
    ['-$variable.x', NUMBER],
    ['~$variable.x', ['Integer']],
    ['$variable.x & 5', ['Integer']],
    ['$variable.x > 5', ['Boolean']],
    ['$variable.x && true', ['Boolean']],
    ['isNull($input.T.x)', ['Boolean']],
    ['bitnot(5)', ['Integer']],
    ['convert(Decimal, $variable.x)', ['Decimal']],
    ["convert('Boolean', 'true')", ['Boolean']],
    ['convert($variable.x, 5)', ['String', 'Boolean', 'Decimal']],
  ])('of %s', (text, types) => {
    expect(infer(text)).toMatchObject({ types, problems: [] });
  });
});

describe('problems', () => {
  test.each<[string, string, string[]]>([
    ['true + false', '+', ['Boolean']],
    ["'a' + 1", '+', ['String', 'Integer']],
    ["'a' - 'b'", '-', ['String']],
    ['!5', '!', ['Integer']],
    ["-'a'", '-', ['String']],
    ['~2.5', '~', ['Decimal']],
    ['1 && true', '&&', ['Integer', 'Boolean']],
    ["$variable.x || 'a'", '||', [...ANY]],
    ['5 & 2.0', '&', ['Integer', 'Decimal']],
    ["startsWith('a', 1)", 'startsWith', ['Integer']],
    ['bitor(1, 2.5)', 'bitor', ['Decimal']],
    ['convert(5, 1)', 'convert', ['Integer']],
  ])('%s has incompatible operands', (text, operator, types) => {
    const { problems } = infer(text);
    expect(problems).toMatchObject([{ code: 'INCOMPATIBLE_OPERANDS', operator }]);
    expect(problems[0]?.types.toSorted()).toEqual(types.toSorted());
  });

  test.each<[string, string, string[]]>([
    ["'a' > 1", '>', ['String', 'Integer']],
    ["1 == '1'", '==', ['Integer', 'String']],
    ['true != 2.5', '!=', ['Boolean', 'Decimal']],
    ["'a' < true", '<', ['String', 'Boolean']],
    ['true < false', '<', ['Boolean']],
  ])('%s compares incomparable types', (text, operator, types) => {
    expect(infer(text).problems).toMatchObject([{ code: 'INCOMPATIBLE_COMPARISON', operator, types }]);
  });

  test.each(["'a' < 'b'", "$input.T.s >= 'b'", "'a' > convert(String, $variable.n)"])(
    '%s orders Strings',
    (text) => {
      expect(infer(text).problems).toMatchObject([{ code: 'UNORDERED_STRINGS' }]);
    },
  );

  test.each([
    '10 == 10.0',
    '$variable.x != $variable.x',
    "'Sensor ${'n' + 1}'",
    "$variable.x + 1 == 2 && $variable.y != 'a'",
    "isUndefined($variable.x) || startsWith($variable.x, 'a')",
  ])('do not occur in %s', (text) => {
    expect(infer(text).problems).toEqual([]);
  });

  test('are reported once, at their position', () => {
    const { problems } = infer('1 > 0 && (true + false) * 2 > 1');
    expect(problems).toMatchObject([{ operator: '+', start: 10, end: 22 }]);
  });

  test('depend on what is known about the references', () => {
    const types: Record<string, Types> = { s: ['String'], n: ['Integer'] };
    const environment: Environment = (reference) =>
      reference.kind === 'variable' ? types[reference.name] : undefined;
    expect(infer('$variable.s > $variable.n').problems).toEqual([]);
    expect(infer('$variable.s > $variable.n', environment).problems).toMatchObject([{ operator: '>' }]);
    expect(infer('$variable.n + $input.T.x', environment).types).toEqual(NUMBER);
    expect(infer('$variable.n + $variable.n', environment).types).toEqual(['Integer']);
  });
});

describe('uses', () => {
  test.each<[string, [string, string[]][]]>([
    ['$variable.a', [['a', ANY]]],
    [
      '$variable.a + 1 == 2 && $variable.a',
      [
        ['a', NUMBER],
        ['a', ['Boolean']],
      ],
    ],
    ["$variable.a == 'x'", [['a', ['String']]]],
    ['1 != $variable.a', [['a', ['Integer']]]],
    ['$variable.a > 1', [['a', ['Integer']]]],
    ["$variable.a > 'x'", [['a', ['String']]]],
    [
      '$variable.a > $variable.b',
      [
        ['a', NUMBER],
        ['b', NUMBER],
      ],
    ],
    ["$variable.a + 'x'", [['a', ['String']]]],
    ['$variable.a + 1', [['a', NUMBER]]],
    [
      '$variable.a + $variable.b',
      [
        ['a', ['Integer', 'Decimal', 'String']],
        ['b', ['Integer', 'Decimal', 'String']],
      ],
    ],
    [
      "'${'x' + $variable.a} ${$variable.b}'",
      [
        ['a', ANY],
        ['b', ANY],
      ],
    ],
    ['~$variable.a', [['a', ['Integer']]]],
    [
      'contains($variable.a, "x") && isNull($variable.b)',
      [
        ['a', ['String']],
        ['b', ANY],
      ],
    ],
    [
      'convert($variable.a, $variable.b)',
      [
        ['a', ['String']],
        ['b', ANY],
      ],
    ],
  ])('of references in %s', (text, uses) => {
    const found = infer(text).uses.map(({ reference, types }) => [
      reference.kind === 'variable' ? reference.name : '',
      types,
    ]);
    expect(found).toEqual(uses);
  });
});
