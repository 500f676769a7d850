import type { CompiledAlarmModel } from '../alarm/compiled.ts';
import type { CompiledEvent, CompiledExternalAction, CompiledModel } from '../model/compiled.ts';
import { ACTIONS } from './actions.ts';
import type { ServiceName } from './request.ts';

/** Everything outside itself that a model reads, writes or calls. */
export interface ModelUses {
  /** Inputs whose messages the model reads, including SiteWise properties. */
  readonly reads: readonly string[];
  /** Inputs to which its iotEvents actions send messages. */
  readonly writes: readonly string[];
  readonly services: readonly ServiceName[];
}

/** Derived from the compiled model, so that the spelling of the definition does not matter. */
export function usesOf(model: CompiledModel | CompiledAlarmModel): ModelUses {
  const actions = 'states' in model ? actionsOf(model) : model.actions;
  const notifies = 'notifications' in model && model.notifications.length > 0;
  const writes = actions.flatMap(({ type, literals }) =>
    type === 'iotEvents' ? [String(literals.inputName)] : [],
  );
  // Notifications invoke a Lambda function, or send mail if the server has a mail server.
  const services = [
    ...actions.map(({ type }) => ACTIONS[type].service),
    ...(notifies ? (['lambda', 'smtp'] as const) : []),
  ];
  return {
    reads: [...model.inputs.keys()],
    writes: [...new Set(writes)],
    services: [...new Set(services)],
  };
}

function actionsOf({ states }: CompiledModel): CompiledExternalAction[] {
  const events = states.flatMap(({ onEnter, onInput, transitions, onExit }): readonly CompiledEvent[] => [
    ...onEnter,
    ...onInput,
    ...transitions,
    ...onExit,
  ]);
  return events.flatMap((event) =>
    event.actions.filter((action): action is CompiledExternalAction => action.kind === 'external'),
  );
}
