import type { Action } from '../definition.ts';
import type { ExpressionSite } from './expression-site.ts';
import { type Diagnostic, error, within } from './finding.ts';

/**
 * Every expression parses. The wording depends on its location (reference: analysis 6). A range key without a value is
 * an expression that is missing.
 */
export const expressionSyntax: Diagnostic = ({ actions, expressions }) => [
  ...actions.flatMap(({ path, action: { dynamoDB } }) =>
    lacksRangeKeyValue(dynamoDB) ? [error('expression-syntax', path, ofAttribute('rangeKeyValue'))] : [],
  ),
  ...expressions.flatMap((site) => {
    // A topic that does not parse is literal text (reference: questions Q-TOPICFALLBACK).
    if (site.result.ok || site.field === 'mqttTopic') return [];
    const { message, excerpt } = site.result.error;
    const finding = error('expression-syntax', site.path, wording(site), `${message}\n${excerpt}`);
    return [within(site, finding, site.result.error)];
  }),
];

/** Whether an action names a range key and gives it no value. */
export function lacksRangeKeyValue(action: Action['dynamoDB']): boolean {
  return action?.rangeKeyField !== undefined && action.rangeKeyValue === undefined;
}

/** For an attribute of a dynamoDB action that does not parse, or is missing. */
export function ofAttribute(field: string): string {
  return (
    `We couldn't parse your expression of the attributes (${field}) for the DynamoDB action. ` +
    'Enter expression with the correct syntax.'
  );
}

function wording({
  role,
  action = 'setVariable',
  actionDefinition,
  field,
  text,
  eventName,
}: ExpressionSite): string {
  const timerName = actionDefinition?.setTimer?.timerName;
  if (role === 'value') {
    return `SetVariableAction.value must be an expression. Failed to parse value '${text}'`;
  }
  if (role === 'durationExpression')
    return `Failed to parse duration expression '${text}' for timer '${timerName}'.`;
  if (role === 'condition') return `Failed to parse expression '${text}' for ${eventName}`;
  if (role === 'contentExpression') {
    if (text === '') return 'Customized Payloads must be non-empty.';
    return (
      `We couldn't parse your content expression for the payload of ${action}. ` +
      'Enter a content expression with the correct syntax.'
    );
  }
  if (action === 'dynamoDB') return ofAttribute(field);
  if (action === 'dynamoDBv2') {
    return (
      "We couldn't parse your expression of the tableName for the DynamoDBv2 action. " +
      'Enter expression with the correct syntax.'
    );
  }
  return `Your ${field} for IotSitewiseAction couldn't be parsed. You must use correct syntax in your expression.`;
}
