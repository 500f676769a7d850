import { inferTypes, type Node } from '../../expression/index.ts';
import { type Diagnostic, error } from './finding.ts';
import { isJsonPayload } from './payload-type.ts';

/** A JSON payload is a string; dynamoDBv2 accepts no other payload type (reference: expressions 4.5, actions 7). */
export const jsonPayload: Diagnostic = ({ actions, expressions }) => [
  ...actions.flatMap(({ path, action: { dynamoDBv2 } }) => {
    if (dynamoDBv2?.payload?.type !== 'STRING') return [];
    return [error('expression-syntax', path, ONLY_JSON)];
  }),
  ...expressions.flatMap((site) => {
    const { role, path, text, result } = site;
    if (role !== 'contentExpression' || !result.ok || !isJsonPayload(site)) return [];
    return isString(result.node) ? [] : [error('expression-syntax', path, notAString(text))];
  }),
];

/** For a dynamoDBv2 action with a STRING payload. */
export const ONLY_JSON =
  "We couldn't evaluate your expression to valid JSON. The DynamoDBv2 action only supports the JSON payload type.";

/** Whether an expression can evaluate to a String. */
export function isString(node: Node): boolean {
  return inferTypes(node).types.includes('String');
}

/** For a JSON payload whose expression is none. */
export function notAString(text: string): string {
  return (
    `Your payload expression {${text}} isn't valid. The defined payload type is JSON, so you must specify an ` +
    'expression that AWS IoT Events would evaluate to a string.'
  );
}
