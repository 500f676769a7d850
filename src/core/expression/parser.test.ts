import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { type ExpressionError, parse } from './index.ts';

function failure(text: string, limits = DEFAULT_LIMITS): ExpressionError {
  const parsed = parse(text, limits);
  if (parsed.ok) throw new Error(`${text} parses`);
  return parsed.error;
}

describe('errors', () => {
  test.each([
    ['1 +', 'UNEXPECTED_END', '1 +\n   ^'],
    [
      '$input.T.motor-pressure > 1 )',
      'UNKNOWN_NAME',
      '$input.T.motor-pressure > 1 )\n               ^^^^^^^^',
    ],
    ["'open", 'UNTERMINATED_STRING', "'open\n^"],
    ["'a ${1", 'UNTERMINATED_SUBSTITUTION', "'a ${1\n   ^^"],
    ['$input.T.`open', 'UNTERMINATED_NAME', '$input.T.`open\n         ^'],
    ['1 > 2\n  && timout("t")', 'UNKNOWN_FUNCTION', '  && timout("t")\n     ^^^^^^'],
    ['isNull(1, 2)', 'WRONG_ARGUMENTS', 'isNull(1, 2)\n^^^^^^^^^^^^'],
    ['99999999999999999999', 'INVALID_NUMBER', '99999999999999999999\n^^^^^^^^^^^^^^^^^^^^'],
    ["'\\u00'", 'INVALID_ESCAPE', "'\\u00'\n ^^"],
    ["'a\\d'", 'INVALID_ESCAPE', "'a\\d'\n  ^^"],
    ['a', 'UNKNOWN_NAME', 'a\n^'],
    ['\n x', 'UNKNOWN_NAME', ' x\n ^'],
    ['true || isNull(1,\n2)', 'WRONG_ARGUMENTS', 'true || isNull(1,\n        ^^^^^^^^^'],
    ['1e400', 'INVALID_NUMBER', '1e400\n^^^^^'],
    ['1 + 2e', 'INVALID_NUMBER', '1 + 2e\n    ^^'],
    ['-9223372036854775809', 'INVALID_NUMBER', '-9223372036854775809\n^^^^^^^^^^^^^^^^^^^^'],
    ['timeout(5)', 'WRONG_ARGUMENTS', 'timeout(5)\n        ^'],
    ['convert(Integer, 1)', 'WRONG_ARGUMENTS', 'convert(Integer, 1)\n        ^^^^^^^'],
    ['${1}', 'UNKNOWN_NAME', '${1}\n^'],
    ["'a\n${ 1 + }'", 'UNEXPECTED_TOKEN', "${ 1 + }'\n       ^"],
    ['\t\t?', 'UNEXPECTED_TOKEN', '  ?\n  ^'],
    ['1 ; 2', 'UNEXPECTED_TOKEN', '1 ; 2\n  ^'],
  ])('%j is %s and shows where', (text, code, excerpt) => {
    expect(failure(text)).toMatchObject({ code, excerpt });
  });

  test('suggest the function that was meant', () => {
    expect(failure('isnull(1)').message).toContain('isNull');
    expect(failure('timout("t")').message).toContain('timeout');
    expect(failure('nothingLikeIt(1)').message).not.toContain('did you mean');
  });

  test('suggest what may have been meant', () => {
    expect(failure('${1}').message).toContain('inside quotes');
    expect(failure('convert(Integer, 1)').message).toContain('String, Boolean, Decimal');
    expect(failure('debug').message).toContain('quotes');
  });

  test('show only the surroundings of the error in a long line', () => {
    const text = `${'1 + '.repeat(60)}? + ${'2 + '.repeat(60)}1`;
    const [line = '', carets = ''] = failure(text).excerpt.split('\n');
    expect(line.length).toBeLessThanOrEqual(82);
    expect(line[carets.indexOf('^')]).toBe('?');
  });
});

describe('limits', () => {
  test('on length name the limit', () => {
    expect(failure('1'.repeat(5000))).toMatchObject({
      code: 'TOO_LONG',
      message: expect.stringContaining('4096'),
    });
  });

  test('stop unlimited nesting', () => {
    const limits = { ...DEFAULT_LIMITS, expressionLength: 1e6 };
    for (const opening of ['(', '!', '-(', "'${", 'isNull(', '1+(']) {
      expect(failure(opening.repeat(100_000), limits)).toMatchObject({ code: 'TOO_DEEP' });
    }
  });

  test('on size count the nodes', () => {
    const limits = { ...DEFAULT_LIMITS, expressionNodes: 9 };
    expect(parse('1+1+1+1+1', limits).ok).toBe(true);
    expect(failure('1+1+1+1+1+1', limits).code).toBe('TOO_MANY_NODES');
  });

  test('do not count a long chain as nesting', () => {
    expect(parse(Array(200).fill('1').join(' + ')).ok).toBe(true);
  });
});
