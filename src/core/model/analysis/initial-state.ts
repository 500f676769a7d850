import type { Diagnostic } from './finding.ts';

/** The initial state is defined. */
export const initialState: Diagnostic = ({ definition: { states, initialStateName } }) => {
  if (states.some(({ stateName }) => stateName === initialStateName)) return [];
  const message = `The Definition's initialStateName ${initialStateName} did not correspond to a defined State.`;
  return [{ type: 'structure', level: 'ERROR', message, locations: [] }];
};
