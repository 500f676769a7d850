import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expressions, scopes, styles } from '../../../test/reference/arbitraries.ts';
import { print } from '../../../test/reference/print.ts';
import { buildScope, type ScopeData } from '../../../test/support/scope.ts';
import { compile, type Explained, explain, parse } from './index.ts';

function explained(text: string, data: ScopeData = {}): readonly Explained[] {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const scope = buildScope(data);
  return explain(text, parsed.node, scope.bindings)(scope.newScope()).parts;
}

const DATA: ScopeData = { variables: { n: '3' }, inputs: { I: '{"v":7,"t":"a"}' } };

test.each<[string, [string, unknown?][]]>([
  ['true', []],
  [
    '$variable.n > 2',
    [
      ['$variable.n', 3],
      ['$variable.n > 2', true],
    ],
  ],
  [
    ' ( $input.I.v > 10 && ($variable.n == 3) ) ',
    [
      ['$input.I.v', 7],
      ['$input.I.v > 10', false],
      ['$variable.n', 'skipped'],
      ['$variable.n == 3', 'skipped'],
      ['$input.I.v > 10 && ($variable.n == 3)', false],
    ],
  ],
  [
    '1 + 2 == 3',
    [
      ['1 + 2', 3],
      ['1 + 2 == 3', true],
    ],
  ],
  [
    '!timeout("t")',
    [
      ['timeout("t")', false],
      ['!timeout("t")', true],
    ],
  ],
  [
    "convert(String, $variable.n) == 'n ${$input.I.t + 'b'}'",
    [
      ['$variable.n', 3],
      ['convert(String, $variable.n)', '3'],
      ['$input.I.t', 'a'],
      ["$input.I.t + 'b'", 'ab'],
      ["'n ${$input.I.t + 'b'}'", 'n ab'],
      ["convert(String, $variable.n) == 'n ${$input.I.t + 'b'}'", false],
    ],
  ],
  ['$input.I.none < 1', [['$input.I.none'], ['$input.I.none < 1']]],
])('%s', (text, expected) => {
  const parts = explained(text, DATA).map(({ expression, value, isSkipped }) => {
    return isSkipped ? [expression, 'skipped'] : [expression, ...(value === undefined ? [] : [value])];
  });
  expect(parts).toEqual(expected);
});

test('any explained expression has its compiled value, and so has each part that is not skipped', () => {
  fc.assert(
    fc.property(expressions, styles, scopes, (node, style, data) => {
      const text = print(node, style);
      const parsed = parse(text);
      if (!parsed.ok) throw new Error(parsed.error.message);
      const scope = buildScope(data);
      const plain = compile(parsed.node, scope.bindings)(scope.newScope());
      const { value, parts } = explain(text, parsed.node, scope.bindings)(scope.newScope());
      expect(value).toEqual(plain);
      if (parsed.node.kind !== 'literal') expect(parts.at(-1)).toMatchObject({ value, isSkipped: false });
    }),
  );
});
