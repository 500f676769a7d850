import { expect, test } from 'vitest';
import { parse } from './index.ts';

/** Syntax of other languages, and text that was copied from a web page. */
test.each([
  ['$input.a.b > 5 AND $input.a.c < 3', 'Write && instead of "and"'],
  ['$input.a.b > 5 or true', 'Write || instead of "or"'],
  ['NOT $variable.x', 'Write ! instead of "not"'],
  ['$input.my-input.value > 5', 'Put a name with hyphens in back-quotes: $input.`my-input`'],
  ['$input.X.motor-temp > 5', 'Put a name with hyphens in back-quotes: $input.X.`motor-temp`'],
  ['$input.X.a-b-c', 'Put a name with hyphens in back-quotes: $input.X.`a-b-c`'],
  ['$variable.a-b == 1', 'Put a name with hyphens in back-quotes: $variable.`a-b`'],
  ['$input.a.b = 5', 'Write == to compare'],
  ['$input.a.b === 5', 'Write == to compare'],
  ['$input.a.b <> 5', 'Write != instead of <>'],
  ['$variable.x !== 1', 'Write != to compare'],
  ['$input.a.b &gt; 70', 'The expression contains the HTML entity &gt;: write the character itself'],
  ['$variable.x == True', 'Write true in lower case'],
  ['$variable.x == null', 'Test for a missing value with isUndefined(…), for a JSON null with isNull(…)'],
  ['$inputs.a.b > 1', 'A reference begins with $input, $variable or $sitewise; did you mean $input?'],
  ['$input.a.b % 2 == 0', 'There is no remainder operator'],
  ['$variable.x ? 1 : 2', 'There is no conditional operator: use two events'],
  ['unack', "unack is neither a function nor a reference. Put text in quotes: 'unack'"],
  ['undefined_x', "undefined_x is neither a function nor a reference. Put text in quotes: 'undefined_x'"],
  ["timeout 't'", 'timeout is a function: its arguments follow in parentheses'],
  ['input.a.b > 1', 'A reference begins with a dollar sign: $input'],
  ['variable.x > 1', 'A reference begins with a dollar sign: $variable'],
  ['$input.a.b > > 1', 'Expected a value, but found >'],
  ['timeOut("x")', 'There is no function timeOut; did you mean timeout?'],
])('%s: %s', (text, message) => {
  const result = parse(text);
  expect(result.ok ? 'parses' : result.error.message).toBe(message);
});

test('valid expressions get no hints', () => {
  for (const text of ['$variable.x-1', '5 & 3', "'a AND b = c'", '$variable.and || $variable.or'])
    expect(parse(text).ok, text).toBe(true);
});
