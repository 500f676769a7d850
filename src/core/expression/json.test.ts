import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, parseNumber, parseWithNumbers, renderJson } from './json.ts';
import { type Json, typeOf, WholeDecimal } from './value.ts';

function read(text: string): Json {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

describe('numbers keep their type', () => {
  test.each([
    ['1', 'Integer', '1'],
    ['-0', 'Integer', '0'],
    ['1.5', 'Decimal', '1.5'],
    ['30.0', 'Decimal', '30.0'],
    ['-30.00', 'Decimal', '-30.0'],
    ['-0.0', 'Decimal', '-0.0'],
    ['1e2', 'Decimal', '100.0'],
    ['1.5E+1', 'Decimal', '15.0'],
    ['5e-7', 'Decimal', '5.0e-7'],
    ['1e21', 'Decimal', '1.0e21'],
    ['9007199254740993', 'Integer', '9007199254740993'],
    ['123456789012345678901234567890', 'Integer', '123456789012345678901234567890'],
    ['999999999999999.99999', 'Decimal', '1000000000000000.0'],
    ['1.0000000000000000001', 'Decimal', '1.0'],
  ])('%s is the %s %s', (text, type, rendered) => {
    for (const wrapped of [text, ` ${text} `]) {
      expect(typeOf(read(wrapped))).toBe(type);
      expect(renderJson(read(wrapped))).toBe(rendered);
    }
    expect(renderJson(read(`{"a":[${text},{"b":${text}}]}`))).toBe(`{"a":[${rendered},{"b":${rendered}}]}`);
  });

  test('numbers beyond a double are refused', () => {
    expect(parseJson('{"a":1e999}')).toMatchObject({ ok: false, message: expect.stringContaining('1e999') });
  });
});

test.each([
  '',
  '{',
  '01',
  '1.',
  '{1.0:2}',
  '[1.0 2.0]',
  "{'a':1.0}",
  '1.0.0',
  '{"a":1.0,}',
  'NaN',
  '\ufeff{}',
])('%j is refused', (text) => {
  expect(parseJson(text).ok).toBe(false);
});

test('numbers are exact beside any strings', () => {
  const digits = fc.stringMatching(/^[0-9]{1,18}$/).map((each) => each.replace(/^0+(?=.)/, ''));
  const zeros = fc.stringMatching(/^0{1,3}[0-9]{0,2}$/);
  const number = fc
    .tuple(fc.boolean(), digits, fc.option(fc.oneof(digits, zeros)), fc.constantFrom('', '', '', 'e1', 'E-2'))
    .map(
      ([isNegative, whole, fraction, exponent]) =>
        `${isNegative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}${exponent}`,
    );
  const unit = fc.constantFrom('"', '\\', '1', '.0', 'e5', '-0', ' ', ',', ':', '{', 'é');
  const text = fc.array(unit, { maxLength: 8 }).map((units) => JSON.stringify(units.join('')));
  const { json } = fc.letrec<{ json: string }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      number,
      text,
      fc.array(tie('json'), { maxLength: 4 }).map((items) => `[ ${items.join(' , ')}]`),
      fc
        .array(fc.tuple(text, tie('json')), { maxLength: 4 })
        .map((members) => `{${members.map((member) => member.join(':')).join(',')}}`),
    ),
  }));
  fc.assert(
    fc.property(json, (each) => {
      expect(read(each)).toEqual(parseWithNumbers(each, parseNumber));
    }),
    { numRuns: 3000 },
  );
});

test('strings that look like numbers stay strings', () => {
  const text = '{"1.0":"30.0","#":"#1.0","##":"\\u00231.0","e":"1e5","q":"\\"1.0","n":1.0}';
  expect(read(text)).toEqual({
    '1.0': '30.0',
    '#': '#1.0',
    '##': '#1.0',
    e: '1e5',
    q: '"1.0',
    n: new WholeDecimal(1),
  });
});

test.each([
  ['[', ']'],
  ['{"a":', '}'],
])('nesting that is too deep is refused, with and without exact numbers: %s', (open, close) => {
  for (const number of ['1', '1.0']) {
    const nested = (levels: number) => open.repeat(levels) + number + close.repeat(levels);
    expect(renderJson(read(nested(500)))).toBe(nested(500));
    for (const levels of [501, 5_000, 500_000])
      expect(parseJson(nested(levels))).toEqual({
        ok: false,
        message: 'The JSON is nested deeper than the limit 500',
      });
  }
  expect(parseJson(`["${open.repeat(1000)}\\"${open.repeat(1000)}"]`.replaceAll('{"a":', '{')).ok).toBe(true);
});

test('`__proto__` is a member like any other', () => {
  const value = read('{"__proto__":{"x":1.0}}') as Record<string, Json>;
  expect(Object.hasOwn(value, '__proto__')).toBe(true);
  expect(renderJson(value)).toBe('{"__proto__":{"x":1.0}}');
});

test('any JSON is parsed like JSON.parse and rendered unchanged', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain = JSON.parse(text);
      expect(JSON.parse(renderJson(read(text)))).toEqual(JSON.parse(JSON.stringify(plain)));
      expect(renderJson(read(renderJson(read(text))))).toBe(renderJson(read(text)));
    }),
    { numRuns: 2000 },
  );
});

test('a text is refused exactly when JSON.parse refuses it, for the same reason', () => {
  const unit = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b\\n"',
      '"\\u00e9"',
      '\\',
      '"\\x"',
      '"long enough to be no short one"',
    ],
    ...[
      '1',
      '-',
      '0',
      '01',
      '1.5',
      '.',
      'e',
      'E+2',
      '-0',
      'true',
      'false',
      'null',
      'nul',
      ' ',
      '\n',
      '\u0001',
      'é',
      '\ufeff',
    ],
  );
  const text = fc.oneof(
    fc.array(unit, { maxLength: 8 }).map((units) => units.join('')),
    fc.tuple(fc.json(), fc.nat(), unit).map(([json, place, other]) => {
      const at = place % (json.length + 1);
      return json.slice(0, at) + other + json.slice(at + (place % 2));
    }),
  );
  fc.assert(
    fc.property(text, (each) => {
      // Numbers beyond a double are refused for another reason.
      fc.pre(!/[eE]\+?\d{3}/.test(each));
      let plain: unknown;
      try {
        plain = JSON.parse(each);
      } catch (error) {
        expect(parseJson(each)).toEqual({ ok: false, message: (error as Error).message });
        return;
      }
      expect(JSON.stringify(JSON.parse(renderJson(read(each))))).toBe(JSON.stringify(plain));
    }),
    { numRuns: 5000 },
  );
});

test('names and strings of any length are read, also again', () => {
  for (const length of Array.from({ length: 140 }, (_, index) => index)) {
    const json = JSON.stringify({
      [`${'n'.repeat(length)}é`]: 's'.repeat(length),
      ['n'.repeat(length)]: 'é',
    });
    for (const each of [json, json.replaceAll('n', 'm'), json]) expect(read(each)).toEqual(JSON.parse(each));
  }
});

test('strings and names that share a place of the cache stay apart', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), maxLength: 14 });
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 200 }), (pairs) => {
      const json = JSON.stringify(pairs.map(([name, value]) => ({ [name]: value })));
      expect(read(json)).toEqual(JSON.parse(json));
    }),
  );
});
