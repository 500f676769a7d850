import type { ActionDefinition, TopicRulePayload } from '../ingest/rules/definition.ts';
import { invalid } from '../wire/errors.ts';
import { compileReader } from '../wire/reader.ts';
import { RULE_OPERATIONS } from '../wire/service/table.ts';
import type { InputOf } from '../wire/service/types.ts';
import { isObject } from '../wire/shape-reader.ts';

type PayloadInput = Omit<InputOf<'ReplaceTopicRule'>, 'ruleName'>;

/** Omits absent members; everything else is unchanged. */
export function payloadOf(input: PayloadInput): TopicRulePayload {
  const { sql, actions, awsIotSqlVersion, ruleDisabled, description, errorAction } = input;
  return {
    sql,
    actions: actions as readonly ActionDefinition[],
    ...(awsIotSqlVersion !== undefined && { awsIotSqlVersion }),
    ...(ruleDisabled !== undefined && { ruleDisabled }),
    ...(description !== undefined && { description }),
    ...(errorAction !== undefined && { errorAction: errorAction as ActionDefinition }),
  };
}

const read = compileReader(
  RULE_OPERATIONS.find(({ name }) => name === 'ReplaceTopicRule') as (typeof RULE_OPERATIONS)[number],
);
/** Members in GetTopicRule's answer beside the definition. */
const ANSWERED = ['createdAt'];
const MEMBERS = ['sql', 'actions', 'awsIotSqlVersion', 'ruleDisabled', 'description', 'errorAction'];

/**
 * Parses a rule from a file: the input of `aws iot create-topic-rule` (`ruleName` and `topicRulePayload`), the answer
 * of `get-topic-rule` (`rule`), or all members in one object. Throws ServiceError that says what is wrong.
 */
export function readRuleDefinition(definition: unknown): {
  readonly ruleName: string;
  readonly payload: TopicRulePayload;
} {
  if (!isObject(definition)) throw invalid('A topic rule must be a JSON object');
  const whole = isObject(definition.rule) ? definition.rule : definition;
  const { ruleName, topicRulePayload, tags: _, ...flat } = whole;
  const body = isObject(topicRulePayload) ? topicRulePayload : flat;
  const unknown = Object.keys(body).find((name) => ![...MEMBERS, ...ANSWERED].includes(name));
  if (unknown !== undefined)
    throw invalid(`A topic rule has no member ${unknown}; it has ${MEMBERS.join(', ')}`);
  if (typeof ruleName !== 'string') throw invalid('A topic rule must have a ruleName');
  const input = read({ path: { ruleName }, query: new URLSearchParams(), body });
  return { ruleName, payload: payloadOf(input as unknown as PayloadInput) };
}
