import { type Diagnostic, error } from './finding.ts';

/** Each action object has exactly one type. */
export const actionTypes: Diagnostic = ({ actions }) =>
  actions.flatMap(({ path, action }) => {
    const types = Object.values(action).filter((parameters) => parameters !== undefined).length;
    if (types === 1) return [];
    if (types === 0) {
      // A type that there is not has been left out by the reader of the request.
      const message = `Invalid action type present in action definition: ${JSON.stringify(action)}.`;
      return [error('supported-actions', path, message)];
    }
    const found = `Actions may only have one type defined, but found an action with ${types} types.`;
    return [error('structure', path, `${found} Please split into separate Actions.`)];
  });
