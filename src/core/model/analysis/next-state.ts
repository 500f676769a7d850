import { type Diagnostic, error } from './finding.ts';

/** A transition leads to a defined state. */
export const nextState: Diagnostic = ({ definition, events }) => {
  const names = new Set(definition.states.map((state) => state.stateName));
  return events.flatMap(({ path, event, nextState }) => {
    if (nextState === undefined || names.has(nextState)) return [];
    const message = `The TransitionEvent ${event.eventName} transitions to a non-existent state ${nextState}.`;
    return [error('structure', path, message)];
  });
};
