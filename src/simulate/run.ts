import type { CompiledAction } from '../core/model/compiled.ts';
import type { Scheduled } from './messages/schedule.ts';
import type { SimulatedModel } from './models.ts';
import type { Simulator } from './simulator.ts';

/**
 * Advances the clock to the time of a message or operator's action and plays it. Ignores messages of iotEvents actions
 * for inputs in `caused`, because the models of the simulation send them themselves.
 */
export function play(simulator: Simulator, scheduled: Scheduled, caused: ReadonlySet<string>): void {
  if (scheduled.kind === 'operator') {
    simulator.advanceTo(scheduled.time);
    simulator.operate(scheduled);
  } else if (!scheduled.isCaused || !caused.has(scheduled.inputName)) {
    simulator.advanceTo(scheduled.time);
    simulator.put(scheduled);
  }
}

/** The inputs to which the models send messages with iotEvents actions. */
export function causedInputs(models: readonly SimulatedModel[]): Set<string> {
  const actions = models.flatMap((model): readonly CompiledAction[] => {
    if (model.kind === 'alarm') return model.compiled.actions;
    return model.compiled.states.flatMap(({ onEnter, onInput, transitions, onExit }) =>
      [...onEnter, ...onInput, ...transitions, ...onExit].flatMap((event) => event.actions),
    );
  });
  return new Set(
    actions.flatMap((action) => {
      return action.kind === 'external' && action.type === 'iotEvents'
        ? [String(action.literals.inputName)]
        : [];
    }),
  );
}
