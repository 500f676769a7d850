import type { SqlVersion } from '../sql/index.ts';

/** A topic rule in the form of the API (docs/topic-rules.md: The operations). */
export interface TopicRulePayload {
  readonly sql: string;
  readonly actions: readonly ActionDefinition[];
  readonly awsIotSqlVersion?: SqlVersion;
  readonly ruleDisabled?: boolean;
  readonly description?: string;
  readonly errorAction?: ActionDefinition;
}

/** A rule as GetTopicRule shows it, with its defaults filled in. */
export function shownPayload(payload: TopicRulePayload) {
  const { awsIotSqlVersion = DEFAULT_SQL_VERSION, ruleDisabled = false } = payload;
  return { ...payload, awsIotSqlVersion, ruleDisabled };
}

/** Exactly one member is set; its name is the kind of the action. */
export interface ActionDefinition {
  readonly iotEvents?: IotEventsDefinition;
  readonly republish?: RepublishDefinition;
  /** Kinds that Tripline does not run are stored unchanged. */
  readonly [kind: string]: unknown;
}

export interface IotEventsDefinition {
  readonly inputName: string;
  readonly messageId?: string;
  readonly batchMode?: boolean;
  readonly roleArn: string;
}

export interface RepublishDefinition {
  readonly topic: string;
  readonly qos?: number;
  readonly roleArn: string;
  readonly headers?: RepublishHeaders;
}

export interface RepublishHeaders {
  readonly payloadFormatIndicator?: string;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: string;
  readonly messageExpiry?: string;
  readonly userProperties?: readonly { readonly key: string; readonly value: string }[];
}

export interface RuleTag {
  readonly Key: string;
  readonly Value: string;
}

/** A rule with its metadata. */
export interface RuleRecord {
  readonly ruleName: string;
  readonly payload: TopicRulePayload;
  /** Milliseconds since the epoch; kept when the rule is replaced (docs/topic-rules.md: The operations). */
  readonly createdAt: number;
  readonly tags: readonly RuleTag[];
}

/** Why a definition is invalid; both codes are errors of the API. */
export interface RuleProblem {
  readonly code: 'SqlParseException' | 'InvalidRequestException';
  readonly message: string;
}

export const DEFAULT_SQL_VERSION: SqlVersion = '2015-10-08';
