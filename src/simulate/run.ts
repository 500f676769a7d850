import type { CompiledAction } from '../core/model/compiled.ts';
import type { Scheduled } from './messages/schedule.ts';
import type { SimulatedModel } from './models.ts';
import type { Simulator } from './simulator.ts';

/**
 * Moves the clock to the time of a message or of an operator's action, and lets it happen. Leaves out the message of
 * an iotEvents action for one of the inputs in `caused`: the models of the simulation send it themselves.
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

/** The inputs that an iotEvents action of the models feeds. */
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
