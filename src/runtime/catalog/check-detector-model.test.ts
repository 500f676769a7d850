import { expect, test } from 'vitest';
import { startService } from '../../../test/support/service.ts';
import { analyse, analyseInSteps } from '../../core/model/analysis/index.ts';
import { compileInSteps, compileModel } from '../../core/model/compile.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import type { Steps } from '../../core/model/steps.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';

/** A definition that takes long to check, though it is far from the largest: 19 events of a state read I. */
const EVENTS = 19 * 20;
const DEFINITION = {
  initialStateName: 'S0',
  states: Array.from({ length: 20 }, (_, state) => ({
    stateName: `S${state}`,
    onInput: {
      events: Array.from({ length: 19 }, (_, event) => ({
        eventName: `e${event}`,
        condition: Array.from({ length: 12 }, (_, n) => `$input.I.a${n} + ${n} > ${state * event}`).join(
          ' && ',
        ),
        actions: [{ setVariable: { variableName: `v${event}`, value: '$input.I.a1 + 1' } }],
      })),
      transitionEvents: [
        { eventName: 't', condition: '$input.I.a1 > 1', actions: [], nextState: `S${(state + 1) % 20}` },
      ],
    },
  })),
} as unknown as DetectorModelDefinition;
const MODEL = {
  detectorModelName: 'Large',
  key: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/M',
  detectorModelDefinition: DEFINITION,
};
const INPUT = { inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'a1' }] } };

function counted<T>(steps: Steps<T>): { readonly rests: number; readonly result: T } {
  for (let rests = 0; ; rests++) {
    const { done, value } = steps.next();
    if (done) return { rests, result: value };
  }
}

test('checking rests after each event, and finds what it finds at once', () => {
  const context = { limits: DEFAULT_LIMITS, hasInput: () => false };
  const analysed = counted(analyseInSteps(DEFINITION, context));
  expect(analysed.rests).toBeGreaterThan(EVENTS);
  expect(analysed.result.length).toBeGreaterThan(0);
  expect(analysed.result).toEqual(analyse(DEFINITION, context));
  const compiled = counted(compileInSteps(DEFINITION, DEFAULT_LIMITS));
  expect(compiled.rests).toBeGreaterThan(EVENTS);
  const whole = compileModel({ ...MODEL, detectorModelVersion: '1' }, DEFAULT_LIMITS);
  expect(JSON.stringify(compiled.result.ok && compiled.result.definition)).toBe(
    JSON.stringify(
      whole.ok && { ...whole.model, name: undefined, version: undefined, serial: undefined, key: undefined },
    ),
  );
});

test('others are answered while a large definition is checked, and it runs as any other', async () => {
  const { call, host } = await startService();
  await call.CreateInput(INPUT);
  let isDone = false;
  const create = async () => {
    await call.CreateDetectorModel(MODEL);
    isDone = true;
  };
  const created = create();
  let answered = 0;
  while (!isDone) {
    await host.catalog();
    answered++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(answered).toBeGreaterThan(3);
  await created;
  const { detectorModel } = await call.DescribeDetectorModel({ detectorModelName: 'Large' });
  expect(detectorModel?.detectorModelConfiguration).toMatchObject({ detectorModelVersion: '1', key: 'id' });
  const { active } = (await host.catalog()).models.get('Large') ?? {};
  expect(active?.compiled).toMatchObject({ name: 'Large', version: '1', key: ['id'], serial: false });
});

test('an input that goes or comes while a definition is checked counts as it is in the end', async () => {
  const { call } = await startService();
  await call.CreateInput(INPUT);
  const refused = call.CreateDetectorModel(MODEL);
  await call.DeleteInput({ inputName: 'I' });
  await expect(refused).rejects.toMatchObject({ code: 'InvalidRequestException' });
  const created = call.CreateDetectorModel(MODEL);
  await call.CreateInput(INPUT);
  await created;
});
