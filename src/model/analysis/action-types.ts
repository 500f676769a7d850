import { type Diagnostic, error } from './finding.ts';

/** Each action object has exactly one type. */
export const actionTypes: Diagnostic = ({ actions }) =>
  actions.flatMap(({ path, action }) => {
    const types = Object.values(action).filter((parameters) => parameters !== undefined).length;
    if (types === 1) return [];
    const found = `Actions may only have one type defined, but found an action with ${types} types.`;
    return [error('structure', path, `${found} Please split into separate Actions.`)];
  });
