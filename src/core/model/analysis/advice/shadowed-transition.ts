import { advice, type Diagnostic } from '../finding.ts';

/** Transitions are tried in their order: behind one that is always taken, or of the same condition, none is. */
export const shadowedTransition: Diagnostic = ({ definition }) =>
  definition.states.flatMap(({ onInput }, index) =>
    (onInput?.transitionEvents ?? []).flatMap(({ eventName, condition }, n, all) => {
      const earlier = all
        .slice(0, n)
        .find((other) => plain(other.condition) === 'true' || plain(other.condition) === plain(condition));
      if (earlier === undefined) return [];
      const message = `Transition ${eventName} is never taken: ${earlier.eventName} in front of it always is.`;
      return [advice('WARNING', `states[${index}].onInput.transitionEvents[${n}]`, message)];
    }),
  );

function plain(condition: string): string {
  return condition.replaceAll(/\s+/g, '');
}
