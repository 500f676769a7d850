import fc from 'fast-check';
import { FUNCTIONS } from '../../src/ingest/sql/functions/index.ts';

/** AWS IoT SQL as text, and payloads with the members that it names. */

const NAMES = ['a', 'b', 'c', 'list', 'obj', 'value'];
const TEXTS = ['', 'a', 'true', 'False', '12', '-1.5', '5E-1', 'x y', "it's", '€😀', '1e400', '007'];

const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map((each) => String(Math.abs(each))),
  fc.constantFrom('1.5', '2.0', '0.1', '1E3', '12345678901234567890', '1E400', '3.10', '9007199254740993'),
);
const name = fc.constantFrom(...NAMES);
const string = fc.constantFrom(...TEXTS).map((text) => `'${text.replaceAll("'", "''")}'`);
/** Deterministic functions that accept any arguments. */
const CALLED = Object.keys(FUNCTIONS).filter((each) => !/^regexp|time|uuid|^transform$/.test(each));
const called = fc.constantFrom(...CALLED);

const { expression } = fc.letrec((tie) => {
  const inner = tie('expression') as fc.Arbitrary<string>;
  const query = tie('query') as fc.Arbitrary<string>;
  const list = fc.array(inner, { maxLength: 3 }).map((items) => items.join(', '));
  const leaf = fc.oneof(
    number,
    string,
    name,
    fc.constantFrom('TRUE', 'false', 'NULL', '*', 'nothing', 'list', '@v', 'obj.a', 'obj.b.c'),
  );
  const infix = fc.constantFrom('+', '-', '*', '/', '%', '=', '<>', '<', '<=', '>', '>=', 'IN', 'AND', 'OR');
  const compound = fc.oneof(
    fc.tuple(inner, infix, inner).map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc.tuple(inner, infix, inner, infix, inner).map((parts) => `(${parts.join(' ')})`),
    inner.map((each) => `-(${each})`),
    inner.map((each) => `NOT (${each})`),
    fc.tuple(inner, name).map(([of, member]) => `(${of}).${member}`),
    fc.tuple(called, list).map(([each, args]) => `${each}(${args})`),
    fc
      .tuple(inner, fc.constantFrom('String', 'Int', 'Decimal', 'Double', 'Boolean'))
      .map(([each, type]) => `CAST(${each} AS ${type})`),
    fc
      .tuple(inner, inner, inner, inner)
      .map(([value, when, then, other]) => `CASE ${value} WHEN ${when} THEN ${then} ELSE ${other} END`),
    list.map((items) => `[${items}]`),
    fc
      .array(fc.tuple(name, inner), { maxLength: 3 })
      .map((members) => `{${members.map(([key, value]) => `"${key}": ${value}`).join(', ')}}`),
    query.map((each) => `(${each})`),
    query.map((each) => `EXISTS (${each})`),
  );
  const selection = fc.oneof(
    inner.map((each) => `VALUE (${each})`),
    fc
      .array(fc.tuple(inner, name), { minLength: 1, maxLength: 3 })
      .map((items) => items.map(([each, alias]) => `${each} AS ${alias}`).join(', ')),
    fc.constantFrom('*', '*, 1 AS obj.x', 'a', 'obj.*', '*, a AS b.c, b AS b.d', '{"a": b}, c'),
  );
  return {
    expression: fc.oneof({ maxDepth: 4 }, { arbitrary: leaf, weight: 2 }, { arbitrary: compound, weight: 3 }),
    query: fc
      .tuple(
        selection,
        fc.constantFrom('list', 'obj', '*', 'a', 'obj.b', '(list)', '[1, {"a": 2}]'),
        fc.constantFrom('', ' AS it', ' AS a'),
        fc.option(inner, { nil: undefined }),
      )
      .map(
        ([what, source, alias, where]) =>
          `SELECT ${what} FROM ${source}${alias}${where === undefined ? '' : ` WHERE ${where}`}`,
      ),
  };
});

/** An expression; some do not parse, for instance where two comparisons are adjacent. */
export const sqlExpressions = expression as fc.Arbitrary<string>;

export const sqlStatements = fc
  .tuple(
    sqlExpressions,
    fc.oneof(
      sqlExpressions.map((each) => `VALUE (${each})`),
      fc
        .array(fc.tuple(sqlExpressions, fc.constantFrom('x', 'y', 'x.z', 'obj.q')), {
          minLength: 1,
          maxLength: 3,
        })
        .map((items) => items.map(([each, alias]) => `${each} AS ${alias}`).join(', ')),
      sqlExpressions.map((each) => `*, ${each} AS obj.new`),
      fc.constantFrom('*', 'a, b', 'obj.*, c'),
    ),
    fc.option(sqlExpressions, { nil: undefined }),
  )
  .map(
    ([variable, selection, where]) =>
      `SET @v = ${variable} SELECT ${selection} FROM 'a/#'${where === undefined ? '' : ` WHERE ${where}`}`,
  );

const scalar = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '""',
    '"true"',
    '"12"',
    '"x"',
    '1.10',
    '5.0',
    '1E2',
    '1e400',
    '-0',
    '0.5',
  ),
  fc.integer({ min: -5, max: 20 }).map(String),
);

const { json } = fc.letrec((tie) => {
  const inner = tie('json') as fc.Arbitrary<string>;
  const array = fc.array(inner, { maxLength: 4 }).map((items) => `[${items.join(',')}]`);
  const object = fc
    .uniqueArray(fc.tuple(name, inner), { maxLength: 4, selector: ([key]) => key })
    .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(', ')}}`);
  return { json: fc.oneof({ maxDepth: 3 }, scalar, array, object) };
});

/** Mostly objects with the names used by the statements; also arrays and invalid JSON. */
export const sqlPayloads = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(json as fc.Arbitrary<string>, json as fc.Arbitrary<string>, json as fc.Arbitrary<string>)
      .map(
        ([a, list, obj]) =>
          `{"a":${a},"b":3,"list":[${list},{"a":1,"b":2.5},"x"],"obj":{"a":${obj},"b":{"c":7.0}}}`,
      ),
  },
  { weight: 1, arbitrary: json as fc.Arbitrary<string> },
  { weight: 1, arbitrary: fc.string({ maxLength: 10 }) },
);
