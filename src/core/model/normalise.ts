import type { DetectorModelDefinition, Event, State, TransitionEvent } from './definition.ts';

/**
 * Returns the definition as DescribeDetectorModel does: every list is present, texts are unchanged (reference: models
 * 3.2).
 */
export function normaliseDefinition(definition: DetectorModelDefinition): DetectorModelDefinition {
  return {
    states: definition.states.map(normaliseState),
    initialStateName: definition.initialStateName,
  };
}

function normaliseState(state: State): State {
  return {
    stateName: state.stateName,
    onInput: {
      events: normaliseEvents<Event>(state.onInput?.events),
      transitionEvents: normaliseEvents<TransitionEvent>(state.onInput?.transitionEvents),
    },
    onEnter: { events: normaliseEvents<Event>(state.onEnter?.events) },
    onExit: { events: normaliseEvents<Event>(state.onExit?.events) },
  };
}

/** Members in the order of the API, so that an export that is applied and exported again is the same text. */
function normaliseEvents<E extends Event>(events: readonly E[] | undefined): E[] {
  return (events ?? []).map((event) => {
    const { nextState, ...others } = event as E & Partial<TransitionEvent>;
    const next = nextState === undefined ? {} : { nextState };
    return { ...others, actions: event.actions ?? [], ...next } as E;
  });
}
