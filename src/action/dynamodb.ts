import type { ActionEffect } from '../detector/effect.ts';
import { parseJson } from '../expression/json.ts';
import { renderText, type Value } from '../expression/value.ts';
import { type AttributeValue, attributeValue } from './attribute-value.ts';
import { type Build, built, refused, textOf } from './request.ts';

const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** dynamoDB: one item, the payload in one column (spec: actions 6). */
export const dynamoDB: Build = (effect) => {
  const { parameters } = effect;
  const tableName = textOf(parameters.tableName);
  if (tableName === undefined) return refused('The tableName of the dynamoDB action is not a text');
  const hash = keyPart('hash', parameters.hashKeyField, parameters.hashKeyType, parameters.hashKeyValue);
  if (typeof hash === 'string') return refused(hash);
  const { rangeKeyField, rangeKeyType, rangeKeyValue } = parameters;
  const hasRange = rangeKeyField !== undefined || rangeKeyValue !== undefined;
  const range = hasRange ? keyPart('range', rangeKeyField, rangeKeyType, rangeKeyValue) : {};
  if (typeof range === 'string') return refused(range);
  const key = { ...hash, ...range };
  const operation = parameters.operation ?? 'INSERT';
  if (operation === 'DELETE') return built('dynamodb', 'DeleteItem', { TableName: tableName, Key: key });
  const field = parameters.payloadField ?? 'payload';
  if (typeof field !== 'string' || field === '')
    return refused('The payloadField of the dynamoDB action is not a text');
  const [column, value] = payloadColumn(field, effect);
  if (Object.hasOwn(key, column))
    return refused(`The payloadField ${column} of the dynamoDB action is a key`);
  if (operation === 'INSERT') {
    return built('dynamodb', 'PutItem', { TableName: tableName, Item: { ...key, [column]: value } });
  }
  if (operation === 'UPDATE') {
    return built('dynamodb', 'UpdateItem', {
      TableName: tableName,
      Key: key,
      UpdateExpression: 'SET #payload = :payload',
      ExpressionAttributeNames: { '#payload': column },
      ExpressionAttributeValues: { ':payload': value },
    });
  }
  const given = renderText(operation);
  return refused(`The operation of the dynamoDB action is ${given}, not one of INSERT, UPDATE, DELETE`);
};

/** One key attribute, or what is wrong with it. */
function keyPart(
  part: 'hash' | 'range',
  field: Value | undefined,
  type: Value = 'STRING',
  value: Value | undefined,
): Readonly<Record<string, AttributeValue>> | string {
  const name = textOf(field);
  if (name === undefined) return `The ${part}KeyField of the dynamoDB action is not a text`;
  if (value === undefined) return `The dynamoDB action has a ${part}KeyField but no ${part}KeyValue`;
  const text = renderText(value);
  if (type === 'STRING') return { [name]: { S: text } };
  if (type !== 'NUMBER')
    return `The ${part}KeyType of the dynamoDB action is ${renderText(type)}, not STRING or NUMBER`;
  if (!NUMBER.test(text)) return `The ${part}KeyValue of the dynamoDB action is not a number: ${text}`;
  return { [name]: { N: text } };
}

/** JSON goes into the column as it is structured; any other text goes in as bytes, into `<column>_raw`. */
function payloadColumn(column: string, { payload }: ActionEffect): [column: string, value: AttributeValue] {
  const parsed = payload.type === 'STRING' ? undefined : parseJson(payload.text);
  if (parsed?.ok) return [column, attributeValue(parsed.value)];
  return [`${column}_raw`, { B: Buffer.from(payload.text, 'utf8').toString('base64') }];
}
