import { runDetectorModel } from '../dist/core/engine/detectors.js';
import { Sequence, Slot } from '../dist/core/engine/slot.js';
import { parseJson } from '../dist/core/expression/json.js';
import { compileModel } from '../dist/core/model/compile.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { MOTOR } from './motor.mjs';

const COUNT = 100_000;
const turn = (now) => ({ now, limits: DEFAULT_LIMITS, traces: () => false, keepsStates: () => false });

/**
 * Bytes of each detector in a slot, including the kept parts of its last message: difference of the heap before and
 * after, both garbage-collected.
 */
export function benchMemory() {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  const compiled = compileModel({ ...MOTOR, detectorModelVersion: '1' });
  const model = runDetectorModel(compiled.model, 1, '');
  const input = compiled.model.inputs.get('PressureInput');
  const sequence = new Sequence();
  const slots = Array.from({ length: 256 }, (_, number) => new Slot(number, sequence, number));
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < COUNT; n++) {
    const keyValue = `motor-${n}`;
    const text = `{"motorid":"${keyValue}","sensorData":{"pressure":${60 + (n % 30)},"temperature":39.5}}`;
    const payload = { text, value: parseJson(text).value };
    const trigger = { type: 'Message', input, messageId: 'm', payload };
    const slot = slots[n % slots.length];
    slot.evaluate(model, keyValue, undefined, trigger, turn(n), []);
  }
  globalThis.gc();
  const bytes = (process.memoryUsage().heapUsed - before) / COUNT;
  if (slots.reduce((sum, slot) => sum + slot.count(1), 0) !== COUNT) throw new Error('detectors are missing');
  return [{ name: `bytes of heap per detector, ${COUNT} detectors of the motor model`, ours: bytes }];
}
