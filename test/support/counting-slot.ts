import type { SlotCommand, SlotContext } from '../../src/core/engine/apply.ts';
import { runDetectorModel } from '../../src/core/engine/detectors.ts';
import type { Slot } from '../../src/core/engine/slot.ts';
import { parseJson } from '../../src/core/expression/json.ts';
import { compileModel } from '../../src/core/model/compile.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { countingModel } from './service.ts';

/** The counting model for tests of a slot, without a host. */
export const EPOCH = 1;
const compiled = compileModel(
  { detectorModelVersion: '1', evaluationMethod: 'BATCH', ...countingModel('M', 'I') },
  DEFAULT_LIMITS,
);
if (!compiled.ok) throw new Error('the model of the test does not compile');
export const model = runDetectorModel(compiled.model, EPOCH, 'role');

export function contextOf(slot: Slot, now: number, detectorsPerModel: number): SlotContext {
  return {
    now,
    limits: { ...DEFAULT_LIMITS, detectorsPerModel },
    traces: () => false,
    keepsStates: () => false,
    models: new Map([[EPOCH, model]]),
    count: (epoch) => slot.count(epoch),
  };
}

let messages = 0;
export function message(keyValue: string): SlotCommand {
  const text = `{"id":"${keyValue}"}`;
  const parsed = parseJson(text);
  const payload = { text, value: parsed.ok ? parsed.value : null };
  const messageId = `m${++messages}`;
  return { type: 'Message', epoch: EPOCH, keyValue, inputName: 'I', messageId, payload, chain: 10 };
}

/** Sets the state of a detector, with a timer of so many seconds. */
export function timer(keyValue: string, seconds: number): SlotCommand {
  const state = { stateName: 'Counting', variables: [], timers: [{ name: 't', seconds }] };
  const command = { type: 'SetDetectorState', modelName: 'M', keyValue, state } as const;
  return { type: 'Command', epoch: EPOCH, command };
}
