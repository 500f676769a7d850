import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, parseWithNumbers } from '../../core/expression/json.ts';
import { isPlain, parseJson as parseSqlJson, renderJson } from './json.ts';
import { readNumber, SQL_VERSIONS } from './numbers.ts';
import type { Value } from './value.ts';

const value = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: -1e7, max: 1e7, noNaN: true }).map((double) => Math.round(double * 1000) / 1000),
      fc.maxSafeInteger(),
      fc.constantFrom(-0, 0, 1e-6, 1e-7, 999_999_999_999_999, 1e15, 1e21, 0.1 + 0.2, 123_456.789_012_345),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('a plain value is what the expression language reads from its text', () => {
  let plain = 0;
  fc.assert(
    fc.property(value, (each) => {
      if (!isPlain(each as Value)) return;
      plain++;
      expect(parseJson(renderJson(each as Value))).toEqual({ ok: true, value: each });
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(500);
});

test.each([0, 1, -273, 22.5, -0.000001, 999_999_999_999_999, 12_345_678.901_234])('%s is plain', (number) => {
  expect(isPlain({ number: [number] })).toBe(true);
});

test.each([-0, 1e15, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53])('%s is not plain', (number) => {
  expect(isPlain({ number: [number] })).toBe(false);
});

const digits = fc.oneof(
  fc.stringMatching(/^(0|[1-9][0-9]{0,17})$/),
  fc.constantFrom('0', '1', '10', '999999999999999', '1000000000000000', '9'.repeat(34), '9'.repeat(35)),
);
const literal = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.oneof(
      fc.constant(''),
      fc.stringMatching(/^\.[0-9]{1,17}$/),
      fc.stringMatching(/^\.0{0,8}[1-9]0{0,2}$/),
    ),
    fc.oneof(fc.constant(''), fc.constant(''), fc.stringMatching(/^[eE][+-]?[0-9]{1,3}$/)),
  )
  .map((parts) => parts.join(''));

test.each(SQL_VERSIONS)('numbers of %s are read as each of them alone', (version) => {
  fc.assert(
    fc.property(fc.array(literal), (literals) => {
      const text = `{"list":[${literals}],"text":"1.0"}`;
      const slow = parseWithNumbers(text, (each) => readNumber(each, version));
      expect(parseSqlJson(text, version)).toStrictEqual(slow);
    }),
    { numRuns: 500 },
  );
});

test.each(['', '{', '[1,]', '{"a":01}', '{"a":1}}', '"open', '[1.]', '[-]', '[1e]', 'nul'])(
  '%j is no JSON',
  (text) => {
    expect(parseSqlJson(text, '2016-03-23')).toBeUndefined();
  },
);
