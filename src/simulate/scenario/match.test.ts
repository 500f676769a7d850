import { expect, test } from 'vitest';
import { parseJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import { match } from './match.ts';

function json(text: string): Json {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

/** Expected value, actual value (undefined if absent), and the paths of the mismatches. */
test.each<[string, string | undefined, string[]]>([
  ['10', '10', []],
  ['10', '10.0', []],
  ['10', '10.5', ['']],
  ['9007199254740993', '9007199254740992', ['']],
  ['"10"', '10', ['']],
  ['true', 'true', []],
  ['null', 'null', []],
  ['null', undefined, ['']],
  ['{}', '{"a":1}', []],
  ['{}', '1', ['']],
  ['{"a":{"b":1}}', '{"a":{"b":2,"c":3}}', ['.a.b']],
  ['{"a":1,"b":2}', '{"b":3}', ['.a', '.b']],
  ['[1,2]', '[1,2]', []],
  ['[1,2]', '[1,2,3]', ['']],
  ['[1,{"a":2}]', '[1,{"a":3}]', ['[1].a']],
  ['{"$gt":9}', '9.5', []],
  ['{"$gt":9}', '9', ['']],
  ['{"$gte":9,"$lt":10}', '9.0', []],
  ['{"$gte":9,"$lt":10}', '10', ['']],
  ['{"$lte":9}', '9.5', ['']],
  ['{"$gt":9}', '"10"', ['']],
  ['{"$gt":9}', undefined, ['']],
  ['{"$ne":"x"}', '"y"', []],
  ['{"$ne":"x"}', '"x"', ['']],
  ['{"$matches":"^a.c$"}', '"abc"', []],
  ['{"$matches":"^a.c$"}', '"abcd"', ['']],
  ['{"$near":0.3,"$within":0.1}', '0.4', []],
  ['{"$near":0.3,"$within":0.1}', '0.45', ['']],
  ['{"$near":5}', '5.0', []],
  ['{"$type":"Decimal"}', '10.0', []],
  ['{"$type":"Integer"}', '10.0', ['']],
  ['{"$type":"String"}', '"a"', []],
  ['{"$exists":true}', 'null', []],
  ['{"$exists":true}', undefined, ['']],
  ['{"$exists":false}', undefined, []],
  ['{"a":{"$exists":false}}', '{"b":1}', []],
  ['{"$any":true}', '[1]', []],
  ['{"$any":true}', undefined, ['']],
  ['{"$exact":{"a":1}}', '{"a":1.0}', []],
  ['{"$exact":{"a":1}}', '{"a":1,"b":2}', ['']],
  ['{"$exact":{"a":{"b":1}}}', '{"a":{"b":1,"c":2}}', ['']],
  ['{"$exact":{"a":{"$gt":0}}}', '{"a":1}', []],
  ['{"$gt":1,"b":2}', '{"$gt":1,"b":2,"c":3}', []],
])('%s against %s', (expected, actual, paths) => {
  const found = match(json(expected), actual === undefined ? undefined : json(actual));
  expect(found.map(({ path }) => path)).toEqual(paths);
});
