import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sqlPayloads, sqlStatements } from '../../../test/reference/sql-arbitraries.ts';
import { referenceEvaluate } from '../../../test/reference/sql-reference.ts';
import { sqlMessage } from '../../../test/support/sql-message.ts';
import { compileStatement, type Evaluation, renderJson, SQL_VERSIONS, type SqlVersion } from './index.ts';
import { Binary, typeOf } from './value.ts';

const RUNS = { numRuns: Number(process.env.TRIPLINE_FUZZ_RUNS ?? 3000) };
const versions = fc.constantFrom(...SQL_VERSIONS);

/** The result as text; undefined when the statement does not parse or exceeds its budget. */
function evaluated(
  sql: string,
  version: SqlVersion,
  payload: string,
): { compiled: string; reference: string } | undefined {
  const statement = compileStatement(sql, version);
  if (!statement.ok) return undefined;
  const message = sqlMessage('a/b', Buffer.from(payload));
  const evaluation = statement.value.evaluate(message);
  if (evaluation.outcome === 'failed') return undefined;
  return { compiled: tell(evaluation), reference: tell(referenceEvaluate(sql, version, message)) };
}

function tell(evaluation: Pick<Evaluation, 'outcome'> & { readonly value?: unknown }): string {
  if (evaluation.outcome !== 'message') return evaluation.outcome;
  const value = evaluation.value as Parameters<typeof renderJson>[0] | undefined;
  if (value === undefined) return 'Undefined';
  return value instanceof Binary
    ? `Binary ${value.bytes.join(' ')}`
    : `${typeOf(value)} ${renderJson(value)}`;
}

describe('any statement on any payload', () => {
  test('compiled gives the same result as the reference evaluator', () => {
    fc.assert(
      fc.property(sqlStatements, versions, sqlPayloads, (sql, version, payload) => {
        const both = evaluated(sql, version, payload);
        if (both !== undefined) expect(both.compiled).toBe(both.reference);
      }),
      RUNS,
    );
  });

  test('has a result often enough for the comparison to be meaningful', () => {
    const results = fc
      .sample(fc.tuple(sqlStatements, sqlPayloads), { numRuns: 2000, seed: 1 })
      .map(([sql, payload]) => evaluated(sql, '2016-03-23', payload)?.compiled.split(' ')[0] ?? 'none');
    for (const outcome of ['Object', 'Array', 'Int', 'String', 'Boolean', 'Undefined', 'filtered'])
      expect(results.filter((each) => each === outcome).length, outcome).toBeGreaterThan(5);
    expect(results.filter((each) => each === 'none').length).toBeLessThan(1000);
  });
});

describe('the cost of a statement', () => {
  const run = (sql: string, payload: string) => {
    const statement = compileStatement(sql, '2016-03-23');
    if (!statement.ok) throw new Error(statement.error.message);
    return statement.value.evaluate(sqlMessage('a', Buffer.from(payload)));
  };
  const large = JSON.stringify({
    l: Array.from({ length: 20_000 }, (_, index) => index),
    s: 'x'.repeat(60_000),
  });

  test.each([
    "SELECT (SELECT VALUE (SELECT VALUE 1 FROM l) FROM l) AS x FROM 'a'",
    "SELECT (SELECT VALUE l FROM l WHERE l = l) AS x FROM 'a'",
    "SELECT (SELECT VALUE concat(s, s) FROM l) AS x FROM 'a'",
    "SELECT (SELECT VALUE regexp_matches(s, '(a|x)*y') FROM l) AS x FROM 'a'",
    "SET @a = concat(l, l, l, l, l, l) SELECT 1 AS x FROM 'a'",
  ])('%s fails in bounded time', (sql) => {
    const began = performance.now();
    expect(run(sql, large)).toMatchObject({ outcome: 'failed' });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('a payload that is nested too deeply is not JSON', () => {
    const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;
    expect(run("SELECT isUndefined(a) AS x FROM 'a'", deep)).toMatchObject({ value: { x: true } });
  });

  test.each([
    `SELECT ${'('.repeat(5000)}1${')'.repeat(5000)} AS x FROM 'a'`,
    `SELECT ${'-'.repeat(5000)}1 AS x FROM 'a'`,
    `SELECT a${'.a'.repeat(5000)} AS x FROM 'a'`,
    `SELECT 1${' + 1'.repeat(5000)} AS x FROM 'a'`,
    `SELECT ${'NOT '.repeat(5000)}a AS x FROM 'a'`,
    `SELECT ${'[1], '.repeat(12_000)}a FROM 'a'`,
  ])('a statement beyond the limits is refused (case %#)', (sql) => {
    expect(compileStatement(sql, '2016-03-23')).toMatchObject({ ok: false, error: { code: 'SYNTAX' } });
  });
});
