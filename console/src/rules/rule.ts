import { queryOptions } from '@tanstack/react-query';
import { allPages, own, raw } from '../api/call.ts';
import { encode } from '../api/operations.ts';

/** A topic rule as ListTopicRules has it. */
export interface RuleSummary {
  readonly ruleName: string;
  readonly topicPattern?: string;
  /** Seconds since the epoch. */
  readonly createdAt?: number;
  readonly ruleDisabled?: boolean;
}

/** What a rule is made of; the body of CreateTopicRule. */
export interface RulePayload {
  readonly sql: string;
  readonly description?: string;
  readonly actions: readonly object[];
  readonly ruleDisabled?: boolean;
  readonly awsIotSqlVersion?: string;
  readonly errorAction?: object;
}

export interface Rule extends RulePayload {
  readonly ruleName: string;
  readonly createdAt?: number;
}

export type TestResult =
  | { readonly result: 'message'; readonly message?: unknown; readonly base64?: string }
  | { readonly result: 'none'; readonly reason: 'topic' | 'where' };

export interface TestMessage {
  readonly topic: string;
  readonly payload: string;
  readonly clientId?: string;
}

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: ({ signal }) =>
    allPages(async (nextToken) => {
      const page = nextToken === undefined ? [] : [['nextToken', nextToken] as const];
      const answer = await raw<{ rules?: RuleSummary[]; nextToken?: string }>(
        'GET',
        '/rules',
        page,
        undefined,
        signal,
      );
      return { items: answer.rules ?? [], nextToken: answer.nextToken };
    }),
  refetchInterval: 5000,
});

export const ruleQuery = (ruleName: string) =>
  queryOptions({
    queryKey: ['rule', ruleName],
    queryFn: async ({ signal }) =>
      (await raw<{ rule: Rule }>('GET', pathOf(ruleName), [], undefined, signal)).rule,
  });

export async function saveRule(ruleName: string, payload: RulePayload, isNew: boolean): Promise<void> {
  await raw(isNew ? 'POST' : 'PATCH', pathOf(ruleName), [], payload);
}

export async function deleteRule(ruleName: string): Promise<void> {
  await raw('DELETE', pathOf(ruleName));
}

export async function switchRule(ruleName: string, on: boolean): Promise<void> {
  await raw('POST', `${pathOf(ruleName)}/${on ? 'enable' : 'disable'}`);
}

/** Runs a statement on a message; nothing is sent. Rejects with ApiError for a statement that cannot be created. */
export function testRule(
  payload: RulePayload,
  ruleName: string,
  message: TestMessage,
  base64: string,
): Promise<TestResult> {
  return own<TestResult>(
    'POST',
    'topic-rules/test',
    {},
    {
      sql: payload.sql,
      ...(payload.awsIotSqlVersion !== undefined && { awsIotSqlVersion: payload.awsIotSqlVersion }),
      topic: message.topic,
      payload: base64,
      ...(message.clientId !== undefined && message.clientId !== '' && { clientId: message.clientId }),
      ...(ruleName !== '' && { ruleName }),
    },
  );
}

function pathOf(ruleName: string): string {
  return `/rules/${encode(ruleName)}`;
}
