import { isUtf8 } from 'node:buffer';
import type { Limits } from '../../limits.ts';
import {
  Binary,
  type Clause,
  compileStatement,
  describeError,
  type Evaluation,
  type Message,
  matchesFilter,
  Payload,
  type Scope,
  type SqlVersion,
} from '../sql/index.ts';
import type { RuleProblem } from './definition.ts';

/** A statement and a message to try it on. */
export interface Trial {
  readonly sql: string;
  readonly version: SqlVersion;
  readonly topic: string;
  readonly payload: Buffer;
  readonly clientId?: string | undefined;
  /** The rule that a Basic Ingest topic may name. */
  readonly ruleName?: string | undefined;
  readonly limits: Limits;
  readonly context: Pick<Message, 'accountId' | 'now' | 'newUuid' | 'random'>;
}

export type TrialResult =
  | { readonly outcome: 'refused'; readonly problem: RuleProblem }
  /** FROM does not match the topic. */
  | { readonly outcome: 'unmatched'; readonly from: string | undefined }
  | {
      readonly outcome: 'evaluated';
      readonly evaluation: Evaluation;
      readonly clauses: readonly Clause[];
      /** The scope for evaluating the clauses one by one. */
      readonly scope: Scope | undefined;
      readonly isJson: boolean;
    };

const BASIC_INGEST = /^\$aws\/rules\/([^/]*)\/?/;

/** Evaluates a statement on one message, without sending anything. */
export function tryStatement(trial: Trial): TrialResult {
  const { sql, version, payload, limits } = trial;
  const compiled = compileStatement(sql, version, limits);
  if (!compiled.ok) {
    const { error } = compiled;
    const isSyntax = error.code === 'SYNTAX';
    const code = isSyntax ? 'SqlParseException' : 'InvalidRequestException';
    return {
      outcome: 'refused',
      problem: { code, message: isSyntax ? describeError(error) : error.message },
    };
  }
  const { from, evaluate, clauses } = compiled.value;
  const named = BASIC_INGEST.exec(trial.topic)?.[1];
  const isMatched =
    named === undefined ? from !== undefined && matchesFilter(from, trial.topic) : named === trial.ruleName;
  if (!isMatched) return { outcome: 'unmatched', from };
  const text = isUtf8(payload) ? payload.toString('utf8') : undefined;
  const message: Message = {
    ...trial.context,
    payload: new Payload(payload, text),
    topic: trial.topic.replace(BASIC_INGEST, ''),
    clientId: trial.clientId,
    traceId: trial.context.newUuid(),
    ...{ principal: undefined, sourceIp: undefined, properties: undefined },
  };
  const evaluation = evaluate(message);
  const scope = evaluation.outcome === 'failed' ? undefined : evaluation.scope;
  return {
    outcome: 'evaluated',
    evaluation,
    clauses,
    scope,
    isJson: !(message.payload.value(version) instanceof Binary),
  };
}
