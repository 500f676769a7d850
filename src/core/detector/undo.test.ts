import { expect, test } from 'vitest';
import { generateModel } from '../../../test/sim/models.ts';
import { Random } from '../../../test/sim/random.ts';
import { textOf } from '../../../test/support/text-row.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { compileModel } from '../model/compile.ts';
import type { CompiledModel } from '../model/compiled.ts';
import { writeDetector } from './codec.ts';
import { createDetector } from './detector.ts';
import { advance, step } from './step.ts';
import type { Advanced, Detector, StepContext, Trigger } from './types.ts';

function modelOf(random: Random): CompiledModel {
  const { detectorModelName, detectorModelDefinition, evaluationMethod } = generateModel(
    random,
    'M',
    'I',
    undefined,
  );
  const compiled = compileModel({
    ...{ detectorModelName, detectorModelDefinition, evaluationMethod },
    detectorModelVersion: '1',
  });
  if (!compiled.ok) throw new Error('does not compile');
  return compiled.model;
}

function triggerOf(random: Random, model: CompiledModel, detector: Detector): Trigger {
  const timer = detector.timers.find(({ status }) => status === 'RUNNING');
  if (timer !== undefined && random.chance(0.4)) return { type: 'Timer', timerName: timer.name };
  const value = { k: 'k', ...(random.chance(0.9) && { v: random.int(0, 9) }) };
  const payload = { text: JSON.stringify(value), value };
  return { type: 'Message', input: model.inputs.get('I') as number, messageId: 'm', payload };
}

/** A detector's contents. Timers may be shared between detectors, because they are immutable. */
function contents(model: CompiledModel, detector: Detector): unknown {
  return structuredClone([{ ...detector }, textOf((out) => writeDetector(model, detector, out))]);
}

test('mutating steps have the results of pure ones, and can be undone one after the other', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const model = modelOf(random);
    const limits = { ...DEFAULT_LIMITS, variablesPerDetector: random.int(2, 4) };
    const contextOf = (n: number): StepContext => {
      return { now: 1000 * n, sequence: n, keyValue: 'k', limits, trace: random.chance(0.5) };
    };
    const detector = createDetector(model, contextOf(0));
    let pure: Detector | undefined;
    const before: unknown[] = [];
    const steps: Advanced[] = [];
    for (let n = 0; n < 20; n++) {
      const trigger = triggerOf(random, model, detector);
      const context = contextOf(n);
      before.push(contents(model, detector));
      const expected = step(model, pure, trigger, context);
      const advanced = advance(model, detector, n === 0, trigger, context);
      const { effects, problems, trace, setText } = advanced;
      expect({ detector: { ...detector }, effects, problems, trace, setText }).toEqual({
        ...expected,
        detector: { ...expected.detector },
      });
      pure = expected.detector;
      steps.push(advanced);
    }
    while (steps.length > 0) {
      steps.pop()?.undo();
      expect(contents(model, detector)).toEqual(before.pop());
    }
  }
});
