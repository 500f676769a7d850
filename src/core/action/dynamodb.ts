import type { EffectPayload } from '../detector/effect.ts';
import { parseJson } from '../expression/json.ts';
import { renderText, type Value } from '../expression/value.ts';
import { type AttributeValue, attributeValue } from './attribute-value.ts';
import { base64OfText } from './base64.ts';
import { type Build, built, isNumberText, refused, textOf } from './request.ts';

/** dynamoDB: one item with the payload in one column (reference: actions 6). */
export const dynamoDB: Build = ({ parameters, payload }) => {
  const tableName = textOf(parameters.tableName);
  if (tableName === undefined) return refused('The tableName of the dynamoDB action is not a string');
  const hash = keyPart('hash', parameters.hashKeyField, parameters.hashKeyType, parameters.hashKeyValue);
  if (typeof hash === 'string') return refused(hash);
  const { rangeKeyField, rangeKeyType, rangeKeyValue } = parameters;
  const hasRange = rangeKeyField !== undefined || rangeKeyValue !== undefined;
  const range = hasRange ? keyPart('range', rangeKeyField, rangeKeyType, rangeKeyValue) : {};
  if (typeof range === 'string') return refused(range);
  if (hasRange && parameters.hashKeyField === rangeKeyField)
    return refused('The hashKeyField and the rangeKeyField of the dynamoDB action are the same attribute');
  const key = { ...hash, ...range };
  const operation = parameters.operation ?? 'INSERT';
  if (operation === 'DELETE') return built('dynamodb', 'DeleteItem', { TableName: tableName, Key: key });
  const field = textOf(parameters.payloadField ?? 'payload');
  if (field === undefined) return refused('The payloadField of the dynamoDB action is not a string');
  const { column, value, warnings } = payloadColumn(field, payload);
  if (Object.hasOwn(key, column))
    return refused(`The payloadField ${column} of the dynamoDB action is a key`);
  if (operation === 'INSERT') {
    const input = { TableName: tableName, Item: { ...key, [column]: value } };
    return built('dynamodb', 'PutItem', input, warnings);
  }
  if (operation === 'UPDATE') {
    const input = {
      TableName: tableName,
      Key: key,
      UpdateExpression: 'SET #payload = :payload',
      ExpressionAttributeNames: { '#payload': column },
      ExpressionAttributeValues: { ':payload': value },
    };
    return built('dynamodb', 'UpdateItem', input, warnings);
  }
  const given = renderText(operation);
  return refused(`The operation of the dynamoDB action is ${given}, not one of INSERT, UPDATE, DELETE`);
};

/** Returns one key attribute, or what is wrong with it. */
function keyPart(
  part: 'hash' | 'range',
  field: Value | undefined,
  type: Value = 'STRING',
  value: Value | undefined,
): Readonly<Record<string, AttributeValue>> | string {
  const name = textOf(field);
  if (name === undefined) return `The ${part}KeyField of the dynamoDB action is not a string`;
  if (value === undefined) return `The dynamoDB action has a ${part}KeyField but no ${part}KeyValue`;
  const text = renderText(value);
  if (type === 'STRING') return { [name]: { S: text } };
  if (type !== 'NUMBER')
    return `The ${part}KeyType of the dynamoDB action is ${renderText(type)}, not STRING or NUMBER`;
  if (!isNumberText(text)) return `The ${part}KeyValue of the dynamoDB action is not a number: ${text}`;
  return { [name]: { N: text } };
}

interface PayloadColumn {
  readonly column: string;
  readonly value: AttributeValue;
  readonly warnings: readonly string[];
}

/** JSON is stored as structured data; any other text is stored as bytes in `<column>_raw`. */
function payloadColumn(field: string, { type, text }: EffectPayload): PayloadColumn {
  const parsed = type === 'STRING' ? undefined : parseJson(text);
  if (parsed?.ok) return { column: field, value: attributeValue(parsed.value), warnings: [] };
  const column = `${field}_raw`;
  const warnings =
    parsed === undefined ? [] : [`The payload is not JSON and is stored as bytes in ${column}`];
  return { column, value: { B: base64OfText(text) }, warnings };
}
