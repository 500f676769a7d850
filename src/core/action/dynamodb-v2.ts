import { isArray, parseJson } from '../expression/json.ts';
import { WholeDecimal } from '../expression/value.ts';
import { attributeValues } from './attribute-value.ts';
import { type Build, built, refused, textOf } from './request.ts';

/** The service's own wording (reference: actions 7). */
const ONLY_JSON =
  "We couldn't evaluate your expression to valid JSON. The DynamoDBv2 action only supports the JSON payload type.";

/** dynamoDBv2: PutItem with one column for each member of the payload (reference: actions 7). */
export const dynamoDBv2: Build = ({ parameters, payload }) => {
  const tableName = textOf(parameters.tableName);
  if (tableName === undefined) return refused('The tableName of the dynamoDBv2 action is not a string');
  const parsed = payload.type === 'STRING' ? undefined : parseJson(payload.text);
  if (!parsed?.ok) return refused(ONLY_JSON);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || value instanceof WholeDecimal || isArray(value)) {
    return refused('The payload of the dynamoDBv2 action is not a JSON object, so it has no columns');
  }
  return built('dynamodb', 'PutItem', { TableName: tableName, Item: attributeValues(value) });
};
