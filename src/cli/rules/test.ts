import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { readRuleDefinition } from '../../api/rule-definition.ts';
import { DEFAULT_SQL_VERSION } from '../../ingest/rules/definition.ts';
import { type TrialResult, tryStatement } from '../../ingest/rules/try-statement.ts';
import {
  Binary,
  type Clause,
  type Outcome,
  renderJson,
  type Scope,
  SQL_VERSIONS,
  type SqlVersion,
  typeOf,
} from '../../ingest/sql/index.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { attempt } from '../../load/attempt.ts';
import { CommandError, UsageError } from '../../server/usage-error.ts';
import { connect, type ServerFlags, SIGNING_HELP, withServerFlags } from '../client.ts';
import { printable } from '../table.ts';

interface Flags extends ServerFlags {
  readonly sql?: string;
  readonly file?: string;
  readonly sqlVersion?: SqlVersion;
  readonly topic: string;
  readonly payload: string;
  readonly clientId?: string;
  readonly json?: boolean;
}

/** `tripline rules test`. */
export function testRule(command: Command, setExitCode: (code: number) => void): Command {
  return withServerFlags(command)
    .description(
      'Run a statement on a topic and a payload, and show the result of each clause; nothing is sent',
    )
    .argument('[rule]', 'a rule of the running server')
    .option('--sql <statement>', 'a statement; no server is needed')
    .option('--file <file>', 'a rule in a JSON file; no server is needed')
    .addOption(
      new Option(
        '--sql-version <version>',
        'SQL version (default: that of the rule, or 2016-03-23 with --sql)',
      ).choices(SQL_VERSIONS),
    )
    .requiredOption('--topic <topic>', 'the topic that the message is published to')
    .requiredOption('--payload <payload>', 'the payload, @FILE, or - for standard input')
    .option('--client-id <id>', 'the client id of the publisher')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', EXAMPLE)
    .action((rule: string | undefined, flags: Flags) => test(rule, flags, setExitCode));
}

const EXAMPLE = `${SIGNING_HELP}

Exit code 1 when the message does not pass the statement.

Example:
  tripline rules test --topic pumps/P-101/data --payload '{"pressure":8.8}' \\
    --sql "SELECT *, topic(2) AS pumpId FROM 'pumps/+/data' WHERE pressure > 8"`;

interface Statement {
  readonly sql: string;
  readonly version: SqlVersion;
  readonly ruleName: string | undefined;
}

async function test(
  rule: string | undefined,
  flags: Flags,
  setExitCode: (code: number) => void,
): Promise<void> {
  const statement = await statementOf(rule, flags);
  const result = tryStatement({
    ...statement,
    version: flags.sqlVersion ?? statement.version,
    topic: flags.topic,
    payload: readPayload(flags.payload),
    clientId: flags.clientId,
    limits: DEFAULT_LIMITS,
    context: { accountId: '000000000000', now: Date.now(), newUuid: randomUUID, random: Math.random },
  });
  if (result.outcome === 'refused')
    throw new CommandError(`${result.problem.code}: ${result.problem.message}`);
  const hasPassed = result.outcome === 'evaluated' && result.evaluation.outcome === 'message';
  setExitCode(hasPassed ? 0 : 1);
  const lines = flags.json === true ? [jsonOf(result)] : linesOf(result, statement, flags.topic);
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function statementOf(rule: string | undefined, flags: Flags): Promise<Statement> {
  const given = [rule, flags.sql, flags.file].filter((each) => each !== undefined);
  if (given.length !== 1) throw new UsageError('Give exactly one of a rule of the server, --sql and --file');
  if (flags.sql !== undefined) return { sql: flags.sql, version: '2016-03-23', ruleName: undefined };
  const definition =
    flags.file === undefined
      ? await connect(flags).call('GET', `/rules/${encodeURIComponent(rule ?? '')}`)
      : readJson(flags.file);
  const { ruleName, payload } = definitionOf(definition, flags.file);
  return { sql: payload.sql, version: payload.awsIotSqlVersion ?? DEFAULT_SQL_VERSION, ruleName };
}

function definitionOf(definition: unknown, file = 'The rule') {
  try {
    return readRuleDefinition(definition);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

/** The JSON of a file. Throws LoadError or UsageError. */
export function readJson(file: string): unknown {
  const name = file === '-' ? 'standard input' : file;
  const text = attempt(name, () => readFileSync(file === '-' ? 0 : file, 'utf8'));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${(error as Error).message}`);
  }
}

function readPayload(given: string): Buffer {
  if (given !== '-' && !given.startsWith('@')) return Buffer.from(given);
  const source = given === '-' ? 0 : given.slice(1);
  return attempt(given === '-' ? 'standard input' : given.slice(1), () => readFileSync(source));
}

function linesOf(
  result: Exclude<TrialResult, { outcome: 'refused' }>,
  { ruleName }: Statement,
  topic: string,
): string[] {
  if (result.outcome === 'unmatched') {
    const from = result.from === undefined ? 'absent: only Basic Ingest reaches it' : `'${result.from}'`;
    const name = ruleName === undefined ? '' : `, and ${ruleName} is not the rule that the topic names`;
    return [`FROM     is ${from}`, `         does not match ${topic}${name}`, 'No message.'];
  }
  const { evaluation, clauses, scope, isJson } = result;
  if (evaluation.outcome === 'failed' || scope === undefined)
    return [`The statement failed: ${evaluation.outcome === 'failed' ? evaluation.message : ''}`];
  const lines = [`FROM     matches ${topic}`];
  if (!isJson) lines.push('PAYLOAD  is not a JSON object or array: * is its bytes, attributes are Undefined');
  const shownClauses =
    evaluation.outcome === 'filtered' ? clauses.filter(({ kind }) => kind !== 'SELECT') : clauses;
  lines.push(...shownClauses.map((clause) => clauseLine(clause, scope)));
  if (evaluation.outcome === 'filtered') return [...lines, 'No message: WHERE is not true.'];
  return [...lines, `Message: ${shown(evaluation.value)}`].map(printable);
}

function clauseLine({ kind, text, name, evaluate }: Clause, scope: Scope): string {
  const value = evaluate(scope);
  const target = name === undefined || kind === 'SET' ? '' : `${name}: `;
  return printable(
    `${kind.padEnd(8)} ${target}${text.replace(/\s+/g, ' ')}  →  ${shown(value)} (${typeOf(value)})`,
  );
}

function shown(value: Outcome): string {
  if (value === undefined) return 'Undefined';
  return value instanceof Binary ? `${value.bytes.length} bytes` : renderJson(value);
}

function jsonOf(result: Exclude<TrialResult, { outcome: 'refused' }>): string {
  if (result.outcome === 'unmatched') return JSON.stringify({ result: 'none', reason: 'topic' });
  const { evaluation, clauses, scope } = result;
  const told = scope === undefined ? [] : clauses.map((clause) => clauseJson(clause, scope));
  const shownClauses = `"clauses":[${told.join(',')}]`;
  if (evaluation.outcome === 'filtered') return `{"result":"none","reason":"where",${shownClauses}}`;
  if (evaluation.outcome === 'failed')
    return JSON.stringify({ result: 'none', reason: 'limit', message: evaluation.message });
  const { value } = evaluation;
  if (value === undefined || value instanceof Binary) {
    const base64 = Buffer.from(value?.bytes ?? []).toString('base64');
    return `{"result":"message","base64":${JSON.stringify(base64)},${shownClauses}}`;
  }
  return `{"result":"message","message":${renderJson(value)},${shownClauses}}`;
}

function clauseJson({ kind, text, name, evaluate }: Clause, scope: Scope): string {
  const value = evaluate(scope);
  const head = JSON.stringify({ clause: kind, text, name, type: typeOf(value) });
  const isShown = value !== undefined && !(value instanceof Binary);
  return isShown ? `${head.slice(0, -1)},"value":${renderJson(value)}}` : head;
}
