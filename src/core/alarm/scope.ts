import type { Scope } from '../expression/index.ts';
import type { Outcome } from '../expression/value.ts';
import type { CompiledAlarmModel } from './compiled.ts';
import type { Alarm, AlarmTrigger } from './types.ts';

/** What the expressions of an alarm model can read. */
export class AlarmScope implements Scope {
  readonly #model: CompiledAlarmModel;
  readonly #inputs: Alarm['inputs'];
  readonly triggerType: AlarmTrigger['type'];
  readonly currentInput: number;

  constructor(model: CompiledAlarmModel, inputs: Alarm['inputs'], trigger: AlarmTrigger) {
    this.#model = model;
    this.#inputs = inputs;
    this.triggerType = trigger.type;
    this.currentInput = trigger.type === 'Message' ? trigger.input : -1;
  }

  /** Attributes only: alarms have no variables. */
  at(place: number): Outcome {
    const attribute = this.#model.attributes[place];
    return attribute?.read(this.#inputs.get(attribute.inputName)?.value);
  }

  timeout(): boolean {
    return false;
  }
}
