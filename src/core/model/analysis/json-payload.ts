import { inferTypes } from '../../expression/index.ts';
import { type Diagnostic, error } from './finding.ts';
import { isJsonPayload } from './payload-type.ts';

/** A JSON payload is a string; dynamoDBv2 accepts no other payload type (reference: expressions 4.5, actions 7). */
export const jsonPayload: Diagnostic = ({ actions, expressions }) => [
  ...actions.flatMap(({ path, action: { dynamoDBv2 } }) => {
    if (dynamoDBv2?.payload?.type !== 'STRING') return [];
    const message =
      "We couldn't evaluate your expression to valid JSON. The DynamoDBv2 action only supports the JSON payload type.";
    return [error('expression-syntax', path, message)];
  }),
  ...expressions.flatMap((site) => {
    const { role, path, text, result } = site;
    if (role !== 'contentExpression' || !result.ok || !isJsonPayload(site)) return [];
    if (inferTypes(result.node).types.includes('String')) return [];
    const message =
      `Your payload expression {${text}} isn't valid. The defined payload type is JSON, so you must specify an ` +
      'expression that AWS IoT Events would evaluate to a string.';
    return [error('expression-syntax', path, message)];
  }),
];
