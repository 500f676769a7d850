import { step } from '../dist/detector/step.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { compileModel } from '../dist/model/compile.js';
import { MOTOR, NativeMotor, xstateMotor } from './motor.mjs';

const ROUNDS = 5;

/** Steps per second in memory, for one detector and for many at random; the median of five rounds each. */
export async function benchSteps() {
  const { createActor } = await import('xstate');
  const machine = await xstateMotor();
  const compiled = compileModel({ ...MOTOR, detectorModelVersion: '1' });
  if (!compiled.ok) throw new Error('the motor does not compile');
  const { model } = compiled;
  const payloads = Array.from({ length: 1024 }, (_, n) => {
    const value = { motorid: 'm', sensorData: { pressure: n % 4 === 0 ? 80 : 60, temperature: 39 } };
    return { text: JSON.stringify(value), value };
  });
  const events = payloads.map(({ value }) => ({ type: 'message', ...value }));
  const rows = [];
  for (const count of [1, 100_000]) {
    const ours = () => {
      const detectors = new Array(count).fill(undefined);
      return (index, n) => {
        const trigger = { type: 'Message', input: 0, messageId: 'm', payload: payloads[n & 1023] };
        const context = { now: n, sequence: n, keyValue: 'm', limits: DEFAULT_LIMITS, trace: false };
        detectors[index] = step(model, detectors[index], trigger, context).detector;
      };
    };
    const xstate = () => {
      const actors = Array.from({ length: count }, () => createActor(machine).start());
      return (index, n) => actors[index].send(events[n & 1023]);
    };
    const native = () => {
      const motors = Array.from({ length: count }, () => new NativeMotor());
      return (index, n) => motors[index].message(payloads[n & 1023].value);
    };
    const steps = count === 1 ? 300_000 : 400_000;
    // In turn, so that a change of the machine's speed meets all alike.
    const rates = { ours: [], xstate: [], native: [] };
    const runs = { ours: ours(), xstate: xstate(), native: native() };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, run] of Object.entries(runs))
        rates[name].push(rate(run, count, steps * (name === 'xstate' ? 0.2 : 1)));
    }
    const [a, x, n] = [rates.ours, rates.xstate, rates.native].map(median);
    rows.push({
      name: `steps/s in memory, ${count} detectors, beside XState v5 actors`,
      ours: a,
      other: x,
      ratio: a / x,
    });
    rows.push({
      name: `steps/s in memory, ${count} detectors, beside TypeScript by hand`,
      ours: a,
      other: n,
      ratio: a / n,
    });
  }
  return rows;
}

function rate(run, count, steps) {
  let seed = 12345;
  const began = process.hrtime.bigint();
  for (let n = 0; n < steps; n++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    run(seed % count, n);
  }
  return steps / (Number(process.hrtime.bigint() - began) / 1e9);
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
