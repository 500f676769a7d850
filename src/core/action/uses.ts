import type { CompiledAlarmModel } from '../alarm/compiled.ts';
import type { CompiledEvent, CompiledExternalAction, CompiledModel } from '../model/compiled.ts';
import { ACTIONS } from './actions.ts';
import type { ServiceName } from './request.ts';

/** Everything outside itself that a model reads, writes and calls. */
export interface ModelUses {
  /** Inputs whose messages it reads, SiteWise properties included. */
  readonly reads: readonly string[];
  /** Inputs that its iotEvents actions put messages into. */
  readonly writes: readonly string[];
  readonly services: readonly ServiceName[];
}

/** What a model was compiled to use, however its definition spells it. */
export function usesOf(model: CompiledModel | CompiledAlarmModel): ModelUses {
  const actions = 'states' in model ? actionsOf(model) : model.actions;
  const notifies = 'notifications' in model && model.notifications.length > 0;
  const writes = actions.flatMap(({ type, literals }) =>
    type === 'iotEvents' ? [String(literals.inputName)] : [],
  );
  // Notifications go through a Lambda function, or by mail where the server has a mail server.
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
