import type { Payload } from '../detector/types.ts';
import type { Scope } from '../expression/index.ts';
import type { Outcome } from '../expression/value.ts';
import type { CompiledAlarmModel } from './compiled.ts';
import type { Alarm, AlarmTrigger } from './types.ts';

/** What the expressions of an alarm model see. */
export class AlarmScope implements Scope {
  /** By place. Alarms have no variables. */
  readonly #messages: readonly (Payload | undefined)[];
  readonly triggerType: AlarmTrigger['type'];
  readonly currentInput: number;
  readonly sitewise: readonly Outcome[];

  constructor(model: CompiledAlarmModel, inputs: Alarm['inputs'], trigger: AlarmTrigger) {
    this.#messages = model.placeNames.map((name) => inputs.get(name));
    this.triggerType = trigger.type;
    this.currentInput = trigger.type === 'Message' ? trigger.input : -1;
    this.sitewise = model.sitewise.map(({ input, read }) => read(this.#messages[input]?.value));
  }

  at(place: number): Payload | undefined {
    return this.#messages[place];
  }

  timeout(): boolean {
    return false;
  }
}
