import { own } from '../own.ts';
import { MARKED_RULES } from '../terraform/module.ts';
import {
  type Request,
  type Requests,
  ruleTags,
  sendsToInput,
  type Written,
  withoutNotification,
} from './requests.ts';

/** Renders everything as one file of HCL (docs/migrating.md: Export). */
export function writeTerraform({ inputs, detectorModels, alarmModels, topicRules }: Requests): Written {
  const blocks: string[] = [];
  const omitted: string[] = [];
  const labels = new Set<string>();
  const add = (type: string, name: unknown, lines: readonly string[]) => {
    blocks.push(`resource "${type}" "${label(type, String(name), labels)}" {\n${lines.join('\n')}\n}`);
  };
  for (const request of inputs) add('awscc_iotevents_input', request.inputName, attributes(request, 1));
  for (const request of detectorModels) {
    add('awscc_iotevents_detector_model', request.detectorModelName, attributes(request, 1));
  }
  for (const given of alarmModels) {
    const { request, omitted: more } = withoutNotification(given);
    omitted.push(...more);
    add('awscc_iotevents_alarm_model', request.alarmModelName, attributes(request, 1));
  }
  for (const request of topicRules) add('aws_iot_topic_rule', request.ruleName, rule(request));
  const marked = topicRules.filter((request) => !sendsToInput(request)).map(({ ruleName }) => ruleName);
  if (marked.length > 0) blocks.unshift(`locals {\n  ${MARKED_RULES} = ${expression(marked, 1)}\n}`);
  return { text: `${blocks.join('\n\n')}\n`, omitted };
}

/** Names that awscc derived from the API's by a rule of its own. */
const NAMES: Readonly<Record<string, string>> = {
  dynamoDB: 'dynamo_db',
  dynamoDBv2: 'dynamo_d_bv_2',
  useBase64: 'use_base_64',
};

function snakeCase(name: string): string {
  return own(NAMES, name) ?? name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function attributes(request: object, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return Object.entries(request).map(
    ([name, value]) => `${indent}${snakeCase(name)} = ${expression(value, depth)}`,
  );
}

function expression(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const close = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item: unknown) => `${close}  ${expression(item, depth + 1)},`);
    return `[\n${items.join('\n')}\n${close}]`;
  }
  const members = attributes(value, depth + 1);
  return members.length === 0 ? '{}' : `{\n${members.join('\n')}\n${close}}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

function quoted(text: string): string {
  const escaped = text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
    /["\\\u0000-\u001f\u007f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped.replace(/([$%])\{/g, '$1$1{')}"`;
}

/** The provider uses its own names and blocks for topic rules. */
function rule({ ruleName, topicRulePayload, tags }: Request): string[] {
  const {
    sql,
    description,
    awsIotSqlVersion,
    ruleDisabled,
    actions = [],
    errorAction,
  } = topicRulePayload as {
    readonly sql: string;
    readonly description?: string;
    readonly awsIotSqlVersion?: string;
    readonly ruleDisabled?: boolean;
    readonly actions?: readonly Request[];
    readonly errorAction?: Request;
  };
  const plain = {
    name: ruleName,
    ...(description !== undefined && { description }),
    ...(ruleDisabled !== undefined && { enabled: !ruleDisabled }),
    sql,
    ...(awsIotSqlVersion !== undefined && { sql_version: awsIotSqlVersion }),
  };
  const pairs = ruleTags(tags);
  const members = pairs.map(([key, value]) => `    ${quoted(key)} = ${quoted(value)}`);
  return [
    ...attributes(plain, 1),
    ...(pairs.length > 0 ? [`  tags = {\n${members.join('\n')}\n  }`] : []),
    ...actions.flatMap((action) => actionBlocks(action, 1)),
    ...(errorAction === undefined
      ? []
      : [`  error_action {\n${actionBlocks(errorAction, 2).join('\n')}\n  }`]),
  ];
}

/** The provider's names of blocks. */
const BLOCKS: Readonly<Record<string, string>> = { dynamoDB: 'dynamodb', dynamoDBv2: 'dynamodbv2' };

function actionBlocks(action: Request, depth: number): string[] {
  return Object.entries(action).map(([type, value]) =>
    block(own(BLOCKS, type) ?? snakeCase(type), value, depth),
  );
}

/** An object becomes a block; lists and the user's maps are values. */
function block(name: string, value: unknown, depth: number): string {
  const indent = '  '.repeat(depth);
  const isMap = name === 'client_properties';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${indent}${name} = ${expression(value, depth)}`;
  }
  if (isMap) {
    const members = Object.entries(value).map(
      ([key, each]) => `${indent}  ${quoted(key)} = ${expression(each, depth)}`,
    );
    return `${indent}${name} = {\n${members.join('\n')}\n${indent}}`;
  }
  const lines = Object.entries(value).map(([member, each]) => block(snakeCase(member), each, depth + 1));
  return `${indent}${name} {\n${lines.join('\n')}\n${indent}}`;
}

function label(type: string, name: string, taken: Set<string>): string {
  const base = /^[A-Za-z_]/.test(name) ? name.replace(/[^\w-]/g, '_') : `_${name.replace(/[^\w-]/g, '_')}`;
  let chosen = base;
  for (let number = 2; taken.has(`${type}.${chosen}`); number++) chosen = `${base}_${number}`;
  taken.add(`${type}.${chosen}`);
  return chosen;
}
