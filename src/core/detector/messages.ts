/** Log messages for failed payloads, quoted from the service (reference: payloads 2). */

export const COULD_NOT_EVALUATE =
  "We couldn't evaluate your expression for the action. Make sure that the variable names, input names, and paths " +
  'to the data refer to the existing variables and input values. Also, verify that the size of the payload is ' +
  'less than 1 KB, the maximum allowed size of a payload.';

export function jsonNeedsString(expression: string): string {
  return (
    `Your payload expression {${expression}} isn't valid. The defined payload type is JSON, so you must specify ` +
    'an expression that AWS IoT Events would evaluate to a string.'
  );
}

export const NOT_JSON =
  "The action was executed, but we couldn't evaluate your content expression for the action payload to valid " +
  'JSON. The defined payload type is JSON.';
