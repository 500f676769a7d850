import { expect, test } from 'vitest';
import { type Dependency, parse, references } from './index.ts';

function dependencies(text: string): Dependency[] {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return references(parsed.node);
}

test('lists everything that an expression depends on, in source order', () => {
  const text =
    "timeout('t') && (currentInput(\"T\") || '${$variable.v + 1}' == 'a') && " +
    '-$input.T.a[0].`b c` > 5 && triggerType("Timer") && isNull($sitewise.assetModel.`m`.`p`.assetId)';
  expect(
    dependencies(text).map(({ kind, name, node }) => [kind, name, text.slice(node.start, node.end)]),
  ).toEqual([
    ['timeout', 't', "timeout('t')"],
    ['currentInput', 'T', 'currentInput("T")'],
    ['variable', 'v', '$variable.v'],
    ['input', 'T', '$input.T.a[0].`b c`'],
    ['sitewise', 'assetModel.m.p.assetId', '$sitewise.assetModel.`m`.`p`.assetId'],
  ]);
});

test('a path distinguishes names from indexes', () => {
  expect(dependencies('$input.T.a[0].`1`')).toMatchObject([{ node: { path: ['a', 0, '1'] } }]);
});

test('a reference excludes parentheses and spaces', () => {
  expect(dependencies('( $variable.v ) > 1')).toMatchObject([{ node: { start: 2, end: 13 } }]);
});

test('a constant depends on nothing', () => {
  expect(dependencies("'a' + '${1 + 2}'")).toEqual([]);
});
