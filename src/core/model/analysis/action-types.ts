import { nearest } from '../../expression/index.ts';
import { ACTION_TYPES } from '../action-fields.ts';
import { type Diagnostic, error } from './finding.ts';

/** How much of an action's definition a message quotes, in characters. */
const LONGEST_DEFINITION = 200;

/** Each action object has exactly one type, and a known one. */
export const actionTypes: Diagnostic = ({ actions }) =>
  actions.flatMap(({ path, action }) => {
    const given = Object.entries(action).flatMap(([type, parameters]) =>
      parameters === undefined ? [] : [type],
    );
    const known = given.filter((type) => ACTION_TYPES.some((other) => other === type));
    if (known.length === 1) return [];
    if (known.length === 0) {
      const message = `Invalid action type present in action definition: ${shortened(action)}.`;
      return [error('supported-actions', path, message, hint(given))];
    }
    const found = `Actions may only have one type defined, but found an action with ${known.length} types.`;
    return [error('structure', path, `${found} Please split into separate Actions.`)];
  });

function shortened(action: object): string {
  const text = JSON.stringify(action);
  return text.length <= LONGEST_DEFINITION ? text : `${text.slice(0, LONGEST_DEFINITION)}…`;
}

function hint([type]: readonly string[]): string {
  if (type === undefined) return `An action has one of the types ${ACTION_TYPES.join(', ')}`;
  const near = nearest(type, ACTION_TYPES);
  const advice = near === undefined ? `The types are ${ACTION_TYPES.join(', ')}` : `Did you mean ${near}?`;
  return `There is no action type ${type.slice(0, LONGEST_DEFINITION)}. ${advice}`;
}
