import { type RuleTag, shownPayload } from '../../ingest/rules/definition.ts';
import { RuleError, type TopicRule, type TopicRules } from '../../ingest/rules/topic-rules.ts';
import type { Limits } from '../../limits.ts';
import type { Log } from '../../runtime/log.ts';
import { StoreError } from '../../store/store.ts';
import { invalid, ServiceError } from '../../wire/errors.ts';
import type { RuleOperationName } from '../../wire/service/table.ts';
import type { Handlers } from '../api.ts';
import { payloadOf } from '../rule-definition.ts';
import { pageOf } from './page.ts';

/** The context of the topic rule operations. */
export interface RuleService {
  readonly rules: TopicRules;
  readonly limits: Limits;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
}

/** The operations on topic rules (docs/topic-rules.md: The operations). */
export function topicRuleHandlers(service: RuleService): Pick<Handlers, RuleOperationName> {
  const { rules, log } = service;
  const arnOf = (ruleName: string) => ruleArn(service, ruleName);
  const warn = (ruleName: string, warnings: readonly string[]) => {
    for (const warning of warnings) log.warn({ ruleName }, `topic rule: ${warning}`);
  };
  return {
    async CreateTopicRule({ ruleName, tags = '', ...payload }) {
      const given = mergeTags([], readTagging(tags), service.limits);
      const made = await answering(service, ruleName, rules.create(ruleName, payloadOf(payload), given));
      warn(ruleName, made.warnings);
      return {};
    },
    async GetTopicRule({ ruleName }) {
      await rules.refresh();
      const rule = rules.get(ruleName);
      if (rule === undefined) throw unknown(ruleName);
      return { ruleArn: arnOf(ruleName), rule: describe(rule) };
    },
    async ListTopicRules({ topic, ruleDisabled, ...page }) {
      await rules.refresh();
      const all = topic === undefined ? rules.list() : rules.matching(topic);
      const wanted = all.filter(
        ({ compiled }) => (ruleDisabled ?? compiled.isDisabled) === compiled.isDisabled,
      );
      const { items, nextToken } = pageOf('rules', wanted, nameOf, page, service.limits.pageSize);
      const summaries = items.map((rule) => summary(rule, arnOf(nameOf(rule))));
      return { rules: summaries, ...(nextToken !== undefined && { nextToken }) };
    },
    async ReplaceTopicRule({ ruleName, ...payload }) {
      const made = await answering(service, ruleName, rules.replace(ruleName, payloadOf(payload)));
      warn(ruleName, made.warnings);
      return {};
    },
    async DeleteTopicRule({ ruleName }) {
      await answering(service, ruleName, rules.delete(ruleName));
      return {};
    },
    async EnableTopicRule({ ruleName }) {
      await answering(service, ruleName, rules.setDisabled(ruleName, false));
      return {};
    },
    async DisableTopicRule({ ruleName }) {
      await answering(service, ruleName, rules.setDisabled(ruleName, true));
      return {};
    },
    async TagTopicRule({ resourceArn, tags }) {
      const { ruleName } = (await tagged(service, resourceArn)).record;
      const given = tags.map(({ Key, Value = '' }) => ({ Key, Value }));
      const change = (before: readonly RuleTag[]) => mergeTags(before, given, service.limits);
      await answering(service, ruleName, rules.setTags(ruleName, change));
      return {};
    },
    async UntagTopicRule({ resourceArn, tagKeys }) {
      const { ruleName } = (await tagged(service, resourceArn)).record;
      const change = (before: readonly RuleTag[]) => before.filter(({ Key }) => !tagKeys.includes(Key));
      await answering(service, ruleName, rules.setTags(ruleName, change));
      return {};
    },
    async ListTagsForTopicRule({ resourceArn }) {
      return { tags: (await tagged(service, resourceArn)).record.tags };
    },
  };
}

/** A rule in the form of GetTopicRule. */
function describe({ record }: TopicRule) {
  const { ruleName, payload, createdAt } = record;
  return { ruleName, ...shownPayload(payload), createdAt };
}

function summary({ record, compiled }: TopicRule, arn: string) {
  const { from } = compiled.statement;
  return {
    ruleArn: arn,
    ruleName: record.ruleName,
    ...(from !== undefined && { topicPattern: from }),
    createdAt: record.createdAt,
    ruleDisabled: compiled.isDisabled,
  };
}

function nameOf({ record }: TopicRule): string {
  return record.ruleName;
}

function ruleArn({ region, accountId }: RuleService, ruleName: string): string {
  return `arn:aws:iot:${region}:${accountId}:rule/${ruleName}`;
}

async function tagged(service: RuleService, resourceArn: string): Promise<TopicRule> {
  const ruleName = /^arn:aws[a-z-]*:iot:[^:]*:[^:]*:rule\/(.+)$/.exec(resourceArn)?.[1];
  if (ruleName === undefined)
    throw invalid(`Value '${resourceArn}' at 'resourceArn' is not the ARN of a topic rule`);
  await service.rules.refresh();
  const rule = service.rules.get(ruleName);
  if (rule === undefined || ruleArn(service, ruleName) !== resourceArn)
    throw new ServiceError('ResourceNotFoundException', `Resource of ARN: ${resourceArn} not found`);
  return rule;
}

const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;

/** The header `x-amz-tagging`: `k1=v1&k2=v2`, both sides percent-encoded. */
function readTagging(header: string): RuleTag[] {
  return [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
}

/** An equal key is overwritten in place. */
function mergeTags(tags: readonly RuleTag[], given: readonly RuleTag[], limits: Limits): readonly RuleTag[] {
  const merged = new Map(tags.map(({ Key, Value }) => [Key, Value]));
  for (const { Key, Value } of given) {
    if (!TAG_KEY.test(Key)) throw invalid(`Value '${Key.slice(0, 128)}' at 'tags' is not a key of a tag`);
    if (Value.length > 256) throw invalid(`The value of tag ${Key} has more than 256 characters`);
    if (/^aws:/i.test(Key)) throw invalid(`Tag key ${Key} starts with the reserved prefix aws:`);
    merged.set(Key, Value);
  }
  if (merged.size > limits.tagsPerResource)
    throw new ServiceError(
      'LimitExceededException',
      `Number of tags of the resource ${merged.size} exceeds the limit ${limits.tagsPerResource}`,
    );
  return Array.from(merged, ([Key, Value]) => ({ Key, Value }));
}

function unknown(ruleName: string): ServiceError {
  return new ServiceError('UnauthorizedException', `Access to topic rule '${ruleName}' was denied`);
}

/** Converts refusals into the API's errors (docs/topic-rules.md: The operations). */
async function answering<T>(service: RuleService, ruleName: string, change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof StoreError)
      throw new ServiceError('ServiceUnavailableException', `The message store failed: ${error.message}`);
    if (!(error instanceof RuleError)) throw error;
    const { code, message } = error.refusal;
    if (code === 'Unknown') throw unknown(ruleName);
    if (code === 'Exists') {
      const resource = { resourceId: ruleName, resourceArn: ruleArn(service, ruleName) };
      throw new ServiceError('ResourceAlreadyExistsException', message, resource);
    }
    const isSql = code === 'SqlParseException';
    throw new ServiceError(isSql ? 'SqlParseException' : 'InvalidRequestException', message);
  }
}
