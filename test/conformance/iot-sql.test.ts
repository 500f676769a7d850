import { describe, expect, test } from 'vitest';
import {
  Binary,
  compileStatement,
  compileTemplate,
  type Evaluation,
  matchesFilter,
  renderJson,
  type SqlVersion,
} from '../../src/ingest/sql/index.ts';
import { referenceEvaluate } from '../reference/sql-reference.ts';
import { sqlMessage } from '../support/sql-message.ts';
import { loadCases } from './cases.ts';

interface Case {
  /** A statement, an expression selected by VALUE, or a substitution template. */
  readonly sql?: string;
  readonly expression?: string;
  readonly template?: string;
  readonly version?: SqlVersion;
  readonly topic?: string;
  readonly payload?: string;
  /** The expectation: JSON text, the empty text of Undefined, bytes in base64, no message, or an error. */
  readonly result?: string;
  readonly value?: string;
  readonly undefined?: true;
  readonly empty?: true;
  readonly bytes?: string;
  readonly none?: 'where' | 'topic';
  readonly error?: 'SYNTAX' | 'UNSUPPORTED';
  readonly message?: string;
  readonly at?: number;
  /** The result in version 2015-10-08, where it differs. */
  readonly in2015?: string;
}

interface File {
  readonly feature: string;
  readonly spec: string;
  readonly topic?: string;
  readonly payload?: string;
  readonly cases: readonly Case[];
}

const files = loadCases<File>('iot-sql');

for (const { feature, spec, cases, ...shared } of files) {
  describe(`${feature} (${spec})`, () => {
    test.each(cases.filter(({ sql, template }) => sql !== undefined && template === undefined))(
      '$sql',
      (each) => {
        expect(run(each.sql ?? '', { ...shared, ...each })).toEqual(expected(each));
      },
    );
    test.each(cases.filter(({ expression }) => expression !== undefined))('$expression', (each) => {
      const given = { ...shared, ...each };
      expect(resultOf(each.expression ?? '', given)).toEqual(each.undefined ? undefined : each.value);
      if (each.in2015 !== undefined)
        expect(resultOf(each.expression ?? '', { ...given, version: '2015-10-08' })).toEqual(each.in2015);
    });
    test.each(cases.filter(({ template }) => template !== undefined))('$template', (each) => {
      expect(render(each)).toEqual(expected(each));
    });
  });
}

test('there are at least 400 cases, and each file names its sections', () => {
  const count = files.reduce((sum, { cases }) => sum + cases.length, 0);
  for (const { spec } of files) expect(spec).toMatch(/^topic-rules \d/);
  console.log(`conformance of AWS IoT SQL: ${count} cases in ${files.length} files, none skipped`);
  expect(count).toBeGreaterThanOrEqual(400);
});

function expected({ result, empty, bytes, none, error, message = '', at }: Case): object {
  if (error !== undefined)
    return { error, message: expect.stringContaining(message), at: at ?? expect.any(Number) };
  if (none !== undefined) return { none };
  if (bytes !== undefined) return { bytes };
  return empty ? { empty: true } : { result };
}

function run(sql: string, { version = '2016-03-23', topic = 'a', payload = '{}' }: Case): object {
  const compiled = compileStatement(sql, version);
  if (!compiled.ok) {
    const { code, message, start, excerpt } = compiled.error;
    expect(excerpt).toContain('^');
    return { error: code, message, at: start };
  }
  const { from, evaluate } = compiled.value;
  if (from !== undefined && !matchesFilter(from, topic)) return { none: 'topic' };
  const message = sqlMessage(topic, Buffer.from(payload));
  const told = tell(evaluate(message));
  expect(tell(referenceEvaluate(sql, version, message)), 'the reference evaluator').toEqual(told);
  return told;
}

function tell(evaluation: Pick<Evaluation, 'outcome'> & { readonly value?: unknown }): object {
  if (evaluation.outcome === 'filtered') return { none: 'where' };
  const { value } = evaluation as Extract<Evaluation, { readonly outcome: 'message' }>;
  if (value === undefined) return { empty: true };
  if (value instanceof Binary) return { bytes: Buffer.from(value.bytes).toString('base64') };
  return { result: renderJson(value) };
}

function resultOf(expression: string, given: Case): string | undefined {
  const told = run(`SELECT ${expression} AS v FROM '#'`, given) as { readonly result?: string };
  const text = told.result ?? '';
  return text === '{}' ? undefined : text.slice('{"v":'.length, -1);
}

function render({ template = '', sql = "SELECT * FROM 'a'", topic = 'a', payload = '{}' }: Case): object {
  const version = '2016-03-23';
  const statement = compileStatement(sql, version);
  if (!statement.ok) throw new Error(statement.error.message);
  const compiled = compileTemplate(template, { version, variables: statement.value.variables });
  if (!compiled.ok)
    return { error: compiled.error.code, message: compiled.error.message, at: compiled.error.start };
  const evaluation = statement.value.evaluate(sqlMessage(topic, Buffer.from(payload)));
  if (evaluation.outcome !== 'message') throw new Error(evaluation.outcome);
  return { result: compiled.value.render(evaluation.scope) };
}
