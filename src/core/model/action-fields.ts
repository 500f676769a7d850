import type { Action, ExternalActionType, IotSiteWiseAction } from './definition.ts';

/**
 * How a parameter's text is interpreted (reference: expressions 1, actions 3-11):
 *
 * - `expression`: always an expression; literals are quoted inside the text
 * - `literal`: never an expression
 * - `topic`: an expression if it looks like one and parses, else literal (reference: questions Q-TOPICFALLBACK)
 */
export type FieldMode = 'expression' | 'literal' | 'topic';

export interface ActionField {
  /** The parameter's name in the definition; nested members are joined by dots. */
  readonly name: string;
  readonly mode: FieldMode;
}

const SITEWISE_FIELDS = [
  'entryId',
  'assetId',
  'propertyId',
  'propertyAlias',
  'propertyValue.value.stringValue',
  'propertyValue.value.integerValue',
  'propertyValue.value.doubleValue',
  'propertyValue.value.booleanValue',
  'propertyValue.timestamp.timeInSeconds',
  'propertyValue.timestamp.offsetInNanos',
  'propertyValue.quality',
] as const;

const DYNAMODB_FIELDS = [
  'tableName',
  'hashKeyField',
  'hashKeyType',
  'hashKeyValue',
  'rangeKeyField',
  'rangeKeyType',
  'rangeKeyValue',
  'operation',
  'payloadField',
] as const;

/** All parameters of the nine external actions, except `payload`. */
export const ACTION_FIELDS: Readonly<Record<ExternalActionType, readonly ActionField[]>> = {
  iotTopicPublish: [{ name: 'mqttTopic', mode: 'topic' }],
  iotEvents: [{ name: 'inputName', mode: 'literal' }],
  iotSiteWise: SITEWISE_FIELDS.map((name) => ({ name, mode: 'expression' })),
  dynamoDB: DYNAMODB_FIELDS.map((name) => ({ name, mode: 'expression' })),
  dynamoDBv2: [{ name: 'tableName', mode: 'expression' }],
  firehose: [
    { name: 'deliveryStreamName', mode: 'literal' },
    { name: 'separator', mode: 'literal' },
  ],
  lambda: [{ name: 'functionArn', mode: 'literal' }],
  sns: [{ name: 'targetArn', mode: 'literal' }],
  sqs: [
    { name: 'queueUrl', mode: 'literal' },
    { name: 'useBase64', mode: 'literal' },
  ],
};

export const EXTERNAL_ACTION_TYPES = Object.keys(ACTION_FIELDS) as readonly ExternalActionType[];

export const ACTION_TYPES: readonly (keyof Action)[] = [
  'setVariable',
  'setTimer',
  'resetTimer',
  'clearTimer',
  ...EXTERNAL_ACTION_TYPES,
];

export function isExternal(type: string): type is ExternalActionType {
  return Object.hasOwn(ACTION_FIELDS, type);
}

/** Returns the action's parameter with the given dotted name; undefined when absent. */
export function readField(
  parameters: NonNullable<Action[ExternalActionType]>,
  name: string,
): string | boolean | undefined {
  let at: unknown = parameters satisfies object | IotSiteWiseAction;
  for (const part of name.split('.')) at = (at as Record<string, unknown> | undefined)?.[part];
  return at as string | boolean | undefined;
}

/** True when a topic may be meant as an expression: it contains a quote, a reference or a call. */
export function looksLikeExpression(text: string): boolean {
  return /['"`(]|\$(?:input|variable|sitewise)\./.test(text);
}
