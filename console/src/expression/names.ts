import type { DetectorModelDefinition } from '../../../src/core/model/definition.ts';
import type { KnownInputs } from '../editor/check.ts';

/** What expressions of a model may refer to. */
export interface Names {
  readonly inputs: KnownInputs;
  /** The events that set each variable. */
  readonly variables: ReadonlyMap<string, readonly string[]>;
  /** The events that set each timer, with how long. */
  readonly timers: ReadonlyMap<string, readonly string[]>;
}

export function namesOf(definition: DetectorModelDefinition | undefined, inputs: KnownInputs): Names {
  const variables = new Map<string, string[]>();
  const timers = new Map<string, string[]>();
  const note = (into: Map<string, string[]>, name: string, place: string) => {
    const places = into.get(name);
    if (places === undefined) into.set(name, [place]);
    else places.push(place);
  };
  for (const { stateName, onEnter, onInput, onExit } of definition?.states ?? []) {
    const events = [
      ...(onEnter?.events ?? []),
      ...(onInput?.events ?? []),
      ...(onInput?.transitionEvents ?? []),
      ...(onExit?.events ?? []),
    ];
    for (const { eventName, actions } of events)
      for (const { setVariable, setTimer } of actions ?? []) {
        const place = `${eventName} of ${stateName}`;
        if (setVariable) note(variables, setVariable.variableName, `${setVariable.value} by ${place}`);
        const duration = setTimer?.durationExpression ?? setTimer?.seconds;
        if (setTimer) note(timers, setTimer.timerName, `${duration} seconds by ${place}`);
      }
  }
  return { inputs, variables, timers };
}
