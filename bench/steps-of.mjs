import { createDetector } from '../dist/core/detector/detector.js';
import { advance } from '../dist/core/detector/step.js';
import { compileModel } from '../dist/core/model/compile.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { MOTOR, NativeMotor, xstateMotor } from './motor.mjs';

/** Prints the steps per second of one kind of state machine: `node steps-of.mjs KIND COUNT STEPS`. */
/** The last step, kept as if it might be rolled back. */
export let last;
let stateOf;
const [kind, ...numbers] = process.argv.slice(2);
const [count, steps] = numbers.map(Number);

const payloads = Array.from({ length: 1024 }, (_, n) => {
  const value = { motorid: 'm', sensorData: { pressure: n % 4 === 0 ? 80 : 60, temperature: 39 } };
  return { text: JSON.stringify(value), value };
});

const KINDS = {
  tripline() {
    const { model } = compileModel({ ...MOTOR, detectorModelVersion: '1' });
    const input = model.inputs.get('PressureInput');
    const detectors = new Array(count).fill(undefined);
    stateOf = (index) => model.states[detectors[index].state].name;
    return (index, n) => {
      const trigger = { type: 'Message', input, messageId: 'm', payload: payloads[n & 1023] };
      const context = { now: n, sequence: n, keyValue: 'm', limits: DEFAULT_LIMITS, trace: false };
      const detector = detectors[index];
      if (detector === undefined) detectors[index] = createDetector(model, context);
      // Like the host: with an undo for when the commit fails.
      last = advance(model, detectors[index], detector === undefined, trigger, context);
    };
  },
  async xstate() {
    const { createActor } = await import('xstate');
    const machine = await xstateMotor();
    const actors = Array.from({ length: count }, () => createActor(machine).start());
    stateOf = (index) => actors[index].getSnapshot().value;
    const events = payloads.map(({ value }) => ({ type: 'message', ...value }));
    return (index, n) => actors[index].send(events[n & 1023]);
  },
  native() {
    const motors = Array.from({ length: count }, () => new NativeMotor());
    stateOf = (index) => motors[index].state;
    return (index, n) => motors[index].message(payloads[n & 1023].value);
  },
};

const run = await KINDS[kind]();
// All kinds must do the same work: doing nothing would be fast.
const expected = new NativeMotor();
for (let n = 0; n < 100; n++) {
  expected.message(payloads[n * 7].value);
  run(0, n * 7);
  if (stateOf(0) !== expected.state)
    throw new Error(`step ${n} ends in ${stateOf(0)}, not in ${expected.state}`);
}
let seed = 12345;
let began = 0n;
for (let n = -steps; n < steps; n++) {
  // The first half is the warm-up.
  if (n === 0) began = process.hrtime.bigint();
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  run((seed >>> 8) % count, n & 0xffffff);
}
console.log(steps / (Number(process.hrtime.bigint() - began) / 1e9));
