import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { beforeAll, expect, test } from 'vitest';
import { loadCases } from '../conformance/cases.ts';

/**
 * The core runs in a browser: bundled, it plays conformance cases in a context that has the language, and of the web
 * only the encoder of texts that hashing needs. Nothing of Node is there to be found.
 */

interface ModelFile {
  readonly feature: string;
  readonly cases: readonly { readonly name: string; readonly steps: readonly Record<string, unknown>[] }[];
}

/** What is about detectors and timers alone: no ids taken before, no commands, no requests of actions. */
const GROUPS = [
  'BATCH and SERIAL',
  'lifecycle',
  'remembered inputs',
  'timers',
  'variables',
  'whole models',
  'the motor trace with both payloads',
];
const SHOWN = ['state', 'variables', 'timers'];

let play: (text: string) => string;

beforeAll(async () => {
  const input = fileURLToPath(new URL('./core-player.ts', import.meta.url));
  const bundle = await rolldown({ input, platform: 'browser', logLevel: 'warn' });
  const { output } = await bundle.generate({ format: 'iife', name: 'core' });
  await bundle.close();
  expect(output).toHaveLength(1);
  const [{ code, imports }] = output;
  expect(imports).toEqual([]);
  const context = createContext({ TextEncoder });
  runInContext(code, context);
  play = (text) => runInContext(`core.play(${JSON.stringify(text)})`, context) as string;
});

const files = loadCases<ModelFile>('models').filter(({ feature }) => GROUPS.includes(feature));

test.each(files.flatMap(({ feature, cases }) => cases.map((each) => [feature, each.name, each] as const)))(
  '%s: %s',
  (_feature, _name, each) => {
    const expected = each.steps.map((step) =>
      Object.fromEntries(Object.entries(step).filter(([name]) => SHOWN.includes(name))),
    );
    expect(JSON.parse(play(JSON.stringify(each)))).toEqual(expected);
  },
);

test('every group is there', () => {
  expect(files.map(({ feature }) => feature).sort()).toEqual([...GROUPS].sort());
});
