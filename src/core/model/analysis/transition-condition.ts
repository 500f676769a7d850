import { type Diagnostic, error } from './finding.ts';

/** A transition event has a condition; it is optional only for other events (reference: models 3.1). */
export const transitionCondition: Diagnostic = ({ events }) =>
  events.flatMap(({ path, event, nextState }) => {
    if (nextState === undefined || event.condition) return [];
    const message = `Failed to parse expression '' for ${event.eventName}`;
    return [error('expression-syntax', path, message, 'A transition event must have a condition')];
  });
