import { describe, expect, test } from 'vitest';
import { loadCases } from './cases.ts';
import { CaseRun, type ExpectedAction, type ModelCase, type Step } from './run.ts';

interface ModelFile {
  readonly feature: string;
  readonly spec: string;
  readonly cases: readonly (ModelCase & { readonly spec?: string })[];
}

const UUID_V3 = /^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const { feature, spec, cases } of loadCases<ModelFile>('models')) {
  describe(`${feature} (${spec})`, () => {
    test.each(cases)('$name', async (each) => {
      const run = await CaseRun.begin(each);
      for (const [index, step] of each.steps.entries()) {
        expect(await run.play(step), `step ${index + 1}`).toEqual(expected(step));
      }
    });
  });
}

test('there are at least 300 cases, and each names its section', () => {
  const files = [...loadCases<ModelFile>('models'), ...loadCases<ModelFile>('expressions')];
  for (const { spec, feature } of files)
    expect(spec, feature).toMatch(/^(model|expressions|actions|questions) \d/);
  const count = files.reduce((sum, { cases }) => sum + cases.length, 0);
  console.log(`conformance: ${count} cases in ${files.length} files, none skipped`);
  expect(count).toBeGreaterThanOrEqual(300);
});

/** What a step expects, as matchers: payloads may have more members than expected. */
function expected({ at, message, updateDetector, deleteDetector, updateModel, ...rest }: Step): object {
  return { ...rest, ...(rest.actions && { actions: rest.actions.map(expectedAction) }) };
}

function expectedAction(action: ExpectedAction): object {
  if (action.payload === undefined) return action;
  const { payload: body, ...rest } = action.payload as { eventName?: string; payload?: object };
  if (rest.eventName === undefined) return action;
  const actionExecutionId = expect.stringMatching(UUID_V3);
  const payload = expect.objectContaining({
    ...rest,
    payload: expect.objectContaining({ ...body, actionExecutionId }),
  });
  return { ...action, payload };
}
