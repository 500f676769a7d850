import { beforeAll, expect, test } from 'vitest';
import { loadCases } from '../conformance/cases.ts';
import { loadInBrowser } from './load.ts';

/**
 * The core runs in a browser: bundled, it plays conformance cases in a context with only the language and, of the web,
 * the text encoder that hashing needs. Nothing of Node is available.
 */

interface ModelFile {
  readonly feature: string;
  readonly cases: readonly { readonly name: string; readonly steps: readonly Record<string, unknown>[] }[];
}

/** Groups that only need detectors and timers: no dedupe, no commands, no action requests. */
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
  const call = await loadInBrowser('core-player.ts', { TextEncoder });
  play = (text) => call('play', text);
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
