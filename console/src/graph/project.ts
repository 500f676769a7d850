import type { DetectorModelDefinition } from '../../../src/core/model/definition.ts';

/** A definition as a graph. Ids go by places, so that two states of one name are two nodes. */
export interface Graph {
  readonly states: readonly GraphState[];
  readonly transitions: readonly GraphTransition[];
}

export interface GraphState {
  readonly id: string;
  readonly name: string;
  /** In the definition's list of states. */
  readonly place: number;
  readonly isInitial: boolean;
  /** Numbers of events. */
  readonly onEnter: number;
  readonly onInput: number;
  readonly onExit: number;
  readonly outgoing: number;
}

export interface GraphTransition {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly fromName: string;
  readonly toName: string;
  readonly eventName: string;
  readonly condition: string;
}

export const stateId = (state: number) => `states[${state}]`;
export const transitionId = (state: number, transition: number) =>
  `states[${state}].onInput.transitionEvents[${transition}]`;

/** Transitions to a state that does not exist are left out; the analysis reports them. */
export function projectDefinition({ states, initialStateName }: DetectorModelDefinition): Graph {
  const placeOf = new Map<string, number>();
  for (const [place, { stateName }] of states.entries()) {
    if (!placeOf.has(stateName)) placeOf.set(stateName, place);
  }
  return {
    states: states.map(({ stateName, onEnter, onInput, onExit }, place) => ({
      id: stateId(place),
      name: stateName,
      place,
      isInitial: placeOf.get(initialStateName) === place,
      onEnter: onEnter?.events?.length ?? 0,
      onInput: onInput?.events?.length ?? 0,
      onExit: onExit?.events?.length ?? 0,
      outgoing: onInput?.transitionEvents?.length ?? 0,
    })),
    transitions: states.flatMap(({ stateName, onInput }, place) =>
      (onInput?.transitionEvents ?? []).flatMap(({ eventName, condition, nextState }, at) => {
        const to = placeOf.get(nextState);
        if (to === undefined) return [];
        return [
          {
            id: transitionId(place, at),
            from: stateId(place),
            to: stateId(to),
            fromName: stateName,
            toName: nextState,
            eventName,
            condition,
          },
        ];
      }),
    ),
  };
}
