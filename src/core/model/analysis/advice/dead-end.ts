import { advice, type Diagnostic } from '../finding.ts';

/** A state that is never left: intended for a final state, otherwise a mistake. */
export const deadEnd: Diagnostic = ({ definition }) =>
  definition.states.length === 1
    ? []
    : definition.states.flatMap(({ stateName, onInput }, index) => {
        const leaves = (onInput?.transitionEvents ?? []).some(({ nextState }) => nextState !== stateName);
        if (leaves) return [];
        return [
          advice(
            'WARNING',
            `states[${index}]`,
            `State ${stateName} is never left: it has no transition to another state.`,
          ),
        ];
      });
