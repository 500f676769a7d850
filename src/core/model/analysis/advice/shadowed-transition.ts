import { advice, type Diagnostic } from '../finding.ts';

/**
 * Transitions are tried in order: one after a transition that is always taken, or that has the same condition, never
 * fires.
 */
export const shadowedTransition: Diagnostic = ({ definition }) =>
  definition.states.flatMap(({ onInput }, index) => {
    const earlier = new Map<string, string>();
    return (onInput?.transitionEvents ?? []).flatMap(({ eventName, condition }, n) => {
      const text = plain(condition);
      const before = earlier.get('true') ?? earlier.get(text);
      if (before === undefined) {
        earlier.set(text, eventName);
        return [];
      }
      const message = `Transition ${eventName} is never taken: ${before}, which comes before it, always is.`;
      return [advice('WARNING', `states[${index}].onInput.transitionEvents[${n}]`, message)];
    });
  });

function plain(condition: string): string {
  return condition.replaceAll(/\s+/g, '');
}
