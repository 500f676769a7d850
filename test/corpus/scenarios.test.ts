import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runScenarioFiles } from '../../src/simulate/files/run-scenario-files.ts';
import { CORPUS_MISSING } from './corpus.ts';

/* Our scenarios for published models: in every transition they do what their authors say. */

describe.skipIf(CORPUS_MISSING)('published models (skipped where the corpus is absent)', () => {
  test.each(['isa-alarm', 'hvac'])('the scenarios of %s pass and reach every transition', (name) => {
    const path = fileURLToPath(new URL(`${name}.scenario.yaml`, import.meta.url));
    const { files, coverage } = runScenarioFiles([path], { tags: [], name: undefined });
    const failures = files.flatMap(({ scenarios }) => scenarios.flatMap(({ failures: own }) => own));
    expect(failures).toEqual([]);
    expect(coverage.models.map(({ transitions }) => transitions.uncovered)).toEqual([[]]);
  });
});
