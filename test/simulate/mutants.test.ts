import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { prepareModels } from '../../src/simulate/files/load-models.ts';
import type { DetectorModelRequest } from '../../src/simulate/models.ts';
import { CORPUS_MISSING, loadModels, SHARED } from '../corpus/corpus.ts';
import { measure, templateNames } from './mutants.ts';

/*
 * Generated suites detect at least nine of ten faulty versions of a model. The short form measures some templates; `npm
 * run mutants` measures all of them and the models of the shared reference next to the repository, and prints the
 * table.
 */

const ALL = process.env.TRIPLINE_MUTANTS === 'all';
const SHORT = ['heartbeat', 'threshold', 'duty-cycle'];

function template(name: string): DetectorModelRequest {
  const path = fileURLToPath(new URL(`../../templates/${name}`, import.meta.url));
  const [model] = prepareModels([path]).models;
  if (model?.kind !== 'detector') throw new Error(`${name} has no detector model`);
  return model.source;
}

function share(requests: readonly DetectorModelRequest[]): number {
  let [all, noticed] = [0, 0];
  for (const request of requests) {
    const { name, scenarios, missed, mutants, survivors, milliseconds } = measure(request);
    all += mutants;
    noticed += mutants - survivors.length;
    if (!ALL) continue;
    console.log(
      `${name}: ${mutants - survivors.length} of ${mutants} mutants, ${scenarios} scenarios, ${milliseconds} ms`,
      ...[
        ...missed.map((each) => `\n  not reached: ${each}`),
        ...survivors.map((each) => `\n  survives: ${each}`),
      ],
    );
  }
  console.log(`mutants: ${noticed} of ${all} noticed (${Math.round((1000 * noticed) / all) / 10} %)`);
  return noticed / all;
}

test('generated suites of templates notice at least 90 % of faulty versions', { timeout: 600_000 }, () => {
  const names = ALL ? templateNames() : SHORT;
  expect(share(names.map(template))).toBeGreaterThanOrEqual(0.9);
});

describe.skipIf(CORPUS_MISSING || !ALL)(
  'the corpus (skipped where it is absent, and in the short form)',
  () => {
    test('generated suites of published models notice at least 90 % of faulty versions', {
      timeout: 1_200_000,
    }, () => {
      const requests = loadModels().flatMap(({ file }) => {
        const path = fileURLToPath(new URL(`corpus/models/${file}`, SHARED));
        // Models that cannot run here are refused, and listed in docs/migrating.md.
        const { models, problems } = prepareModels([path]);
        const [model] = problems.length === 0 ? models : [];
        return model?.kind === 'detector' ? [model.source] : [];
      });
      expect(requests.length).toBeGreaterThan(15);
      expect(share(requests)).toBeGreaterThanOrEqual(0.9);
    });
  },
);
