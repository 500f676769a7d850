import { describe, expect, test } from 'vitest';
import { buildScope } from '../../../test/support/scope.ts';
import { type Bindings, compile, EMPTY_SCOPE, NO_BINDINGS, type Node, parse, type Scope } from './index.ts';
import { parseJson } from './json.ts';
import { pathReader } from './path-reader.ts';
import type { Json, Outcome } from './value.ts';

// test/conformance/expressions covers results; these tests cover what results do not show.

function parsed(text: string): Node {
  const result = parse(text);
  if (result.ok) return result.node;
  throw new Error(result.error.message);
}

describe('timers are tested (reference: expressions 5 and 7)', () => {
  test.each([
    ["timeout('a') && timeout('b')", ['a', 'b'], true, ['a', 'b']],
    ["timeout('a') && timeout('b')", ['b'], false, ['a']],
    ["timeout('a') || timeout('b')", ['a'], true, ['a']],
    ["timeout('a') || timeout('b')", ['b'], true, ['a', 'b']],
    ["$variable.unset && timeout('a')", ['a'], undefined, []],
    ["$variable.unset || timeout('a')", ['a'], true, ['a']],
    ["false && timeout('a')", ['a'], false, []],
    ["1 + 2 == 3 || timeout('a')", ['a'], true, []],
    ["timeout('a') == timeout('a')", ['a'], true, ['a', 'a']],
    ["'${timeout('a')}'", [], 'false', ['a']],
  ])('%s with %j expired', (text, expired, outcome, tested) => {
    const { bindings, newScope } = buildScope({ expired });
    const timers: string[] = [];
    const evaluate = compile(parsed(text), {
      ...bindings,
      timer: (name) => (timers.includes(name) ? timers.indexOf(name) : timers.push(name) - 1),
    });
    const seen: string[] = [];
    const timeout = (place: number): boolean => {
      const name = timers[place] ?? '';
      seen.push(name);
      return expired.some((other) => other === name);
    };
    expect(evaluate({ ...newScope(), timeout })).toBe(outcome);
    expect(seen).toEqual(tested);
  });
});

describe('only own members of a message are visible (reference: expressions 6)', () => {
  const payload =
    '{"o":{"__proto__":{"a":1},"toString":2,"value":3,"0":4},"l":[5,6],"s":"text","w":7.0,"big":12345678901234567890}';

  function read(path: string): Outcome {
    const { bindings, newScope } = buildScope({ inputs: { T: payload } });
    return compile(parsed(`$input.T.${path}`), bindings)(newScope());
  }

  test.each([
    ['constructor'],
    ['`__proto__`'],
    ['hasOwnProperty'],
    ['o.constructor'],
    ['o.a'],
    ['l.length'],
    ['l.at'],
    ['l.`0`'],
    ['l[2]'],
    ['o[0]'],
    ['s.length'],
    ['s[0]'],
    ['w.value'],
    ['w.constructor'],
    ['big.toString'],
  ])('%s is undefined', (path) => {
    expect(read(path)).toBeUndefined();
  });

  test.each([
    ['o.`__proto__`.a', 1],
    ['o.toString', 2],
    ['o.value', 3],
    ['o.`0`', 4],
    ['l[1]', 6],
    ['big', 12345678901234567890n],
  ])('%s is %s', (path, value) => {
    expect(read(path)).toBe(value);
  });
});

describe('objects, arrays and null have no value', () => {
  const inputs = { T: '{"o":{},"l":[],"n":null,"t":true}' };
  test.each([
    ['o', false, false],
    ['l', false, false],
    ['n', true, false],
    ['absent', false, true],
  ])('%s: isNull %s, isUndefined %s, and undefined for every operator', (name, isNull, isUndefined) => {
    const evaluate = (text: string): Outcome => {
      const { bindings, newScope } = buildScope({ inputs });
      return compile(parsed(text.replaceAll('@', `$input.T.${name}`)), bindings)(newScope());
    };
    expect([evaluate('isNull(@)'), evaluate('isUndefined(@)')]).toEqual([isNull, isUndefined]);
    expect(evaluate('@ || $input.T.t')).toBe(true);
    expect(evaluate('false || @')).toBe(false);
    expect(evaluate('@ != @')).toBe(true);
    for (const text of [
      '@ == @',
      '@ && true',
      'true && @',
      '!@',
      '-@',
      '@ + 1',
      "'${@}'",
      'convert(String, @)',
    ]) {
      expect(evaluate(text), text).toBeUndefined();
    }
  });
});

describe('Integers are exact beyond the precision of a double (reference: questions Q-NUM)', () => {
  test.each([
    ['9007199254740991 + 2', 9007199254740993n],
    ['-9007199254740991 - 2', -9007199254740993n],
    ['9007199254740993 - 2', 9007199254740991],
    ['3037000499 * 3037000499', 9223372030926249001n],
    ['9007199254740993 / 1', 9007199254740993n],
    ['4611686018427387904 * 2', undefined],
    ['9223372036854775807 + 1', undefined],
    ['-9223372036854775808 / -1', undefined],
    ['-(-9223372036854775808)', undefined],
    ['~9223372036854775807', -9223372036854775808n],
    ['4294967296 | 1', 4294967297],
    ['-1 ^ 4294967296', -4294967297],
    ['9007199254740993 == 9007199254740992.0', false],
    ['9007199254740992 == 9007199254740992.0', true],
    ['9223372036854775807 < 9223372036854775808.0', true],
    ['9007199254740993 > 9007199254740992.0', true],
  ])('%s is %s', (text, outcome) => {
    const { bindings, newScope } = buildScope({});
    expect(compile(parsed(text), bindings)(newScope())).toBe(outcome);
  });
});

test('names get places according to their kind', () => {
  const asked: string[] = [];
  const note = (kind: string) => (name: string) => asked.push(`${kind} ${name}`);
  const bindings: Bindings = {
    input: note('input'),
    attribute: ({ name }) => asked.push(`attribute ${name}`),
    variable: note('variable'),
    timer: note('timer'),
    findInput: () => 0,
    findTimer: () => 0,
  };
  compile(parsed(`$variable.a + $input.b.c == '\${timeout('d')}' || currentInput('e')`), bindings);
  expect(asked).toEqual(['variable a', 'attribute b', 'timer d', 'input e']);
});

test('$sitewise is undefined where it is not bound', () => {
  const node = parsed('$sitewise.assetModel.`m-1`.`p-1`.propertyValue.value > 5');
  expect(compile(node, NO_BINDINGS)({ ...EMPTY_SCOPE, at: () => 9 })).toBeUndefined();
  const bound = compile(node, { ...NO_BINDINGS, sitewise: ({ path }) => (path[1] === 'm-1' ? 1 : 0) });
  expect(bound({ ...EMPTY_SCOPE, at: (place) => [0, 9][place] })).toBe(true);
});

test('the longest chain of operators evaluates', () => {
  const text = Array(500).fill('$variable.n').join('+').slice(0, 4095);
  const terms = text.replace(/\+[^+]*$/, '');
  const count = terms.split('+').length;
  const scope: Scope = { ...EMPTY_SCOPE, at: () => 2 };
  expect(compile(parsed(terms), NO_BINDINGS)(scope)).toBe(2 * count);
});

test('the length of a text is limited', () => {
  for (const text of [
    '$variable.s + $variable.s',
    "'${$variable.s}${$variable.s}'",
    "'${$variable.s + $variable.s}'",
  ]) {
    const double = compile(parsed(text), NO_BINDINGS);
    expect(double({ ...EMPTY_SCOPE, at: () => 'abc' }), text).toBe('abcabc');
    let held: Outcome = 'a';
    let rounds = 0;
    for (; typeof held === 'string' && rounds < 100; rounds++) {
      const before = held;
      held = double({ ...EMPTY_SCOPE, at: () => before });
    }
    expect([held, rounds], text).toEqual([undefined, 21]);
  }
});

test('evaluating does not change its scope', () => {
  const payload = parseJson('{"a":{"b":[1,2.0]}}');
  const value: Json = payload.ok ? payload.value : null;
  const attribute = pathReader(['a', 'b', 1])(value);
  const scope = Object.freeze({ ...EMPTY_SCOPE, at: (place: number) => [1, attribute][place] });
  const before = structuredClone(value);
  const evaluate = compile(parsed('$input.T.a.b[1] + $variable.n == 3'), {
    ...NO_BINDINGS,
    attribute: () => 1,
  });
  expect([evaluate(scope), evaluate(scope)]).toEqual([true, true]);
  expect(structuredClone(value)).toEqual(before);
});
