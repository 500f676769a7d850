import type { SimulatedEvaluation } from '../evaluation.ts';
import type { FileOutcome, ScenarioOutcome } from '../report/junit.ts';
import { Coverage, type CoverageReport } from '../scenario/coverage.ts';
import { runScenario, ScenarioError } from '../scenario/run.ts';
import type { Scenario } from '../scenario/types.ts';
import {
  findScenarioFiles,
  type LoadedScenarios,
  loadScenarioFile,
  ScenarioFileError,
} from './scenario-file.ts';

export interface Selection {
  /** Selects scenarios with any of these tags; all if empty. */
  readonly tags: readonly string[];
  /** Selects scenarios whose name contains this text. */
  readonly name: string | undefined;
}

export interface ScenarioRun {
  readonly files: readonly FileOutcome[];
  readonly coverage: CoverageReport;
  readonly summary: { readonly passed: number; readonly failed: number; readonly skipped: number };
  /** Every file that was read: rerun when one of them changes. */
  readonly watched: readonly string[];
}

/**
 * Runs the scenarios of files and folders, skipping those not selected. Throws ScenarioFileError when a scenario cannot
 * run or none is selected, LoadError when a path cannot be read.
 */
export function runScenarioFiles(paths: readonly string[], selection: Selection): ScenarioRun {
  const loaded = findScenarioFiles(paths).map(loadScenarioFile);
  const isSelected = ({ tags, name }: Scenario) =>
    (selection.tags.length === 0 || selection.tags.some((tag) => tags.includes(tag))) &&
    (selection.name === undefined || name.includes(selection.name));
  if (!loaded.some(({ scenarios }) => scenarios.some(isSelected)))
    throw new ScenarioFileError(
      loaded.length === 0
        ? `There are no scenario files (*.scenario.yaml, .yml, .json) in ${paths.join(', ')}`
        : 'No scenario has that tag or name',
    );
  const coverage = new Coverage();
  const files = loaded.map((file): FileOutcome => {
    coverage.add(file.models);
    const scenarios = file.scenarios.map((scenario) =>
      isSelected(scenario)
        ? run(file, scenario, (evaluation) => coverage.count(evaluation))
        : skipped(scenario),
    );
    return { path: file.path, scenarios };
  });
  const all = files.flatMap(({ scenarios }) => scenarios);
  const count = (wanted: ScenarioOutcome['status']) => all.filter(({ status }) => status === wanted).length;
  return {
    files,
    coverage: coverage.report(),
    summary: { passed: count('passed'), failed: count('failed'), skipped: count('skipped') },
    watched: loaded.flatMap(({ path, modelPaths }) => [path, ...modelPaths]),
  };
}

function run(
  { path, models }: LoadedScenarios,
  scenario: Scenario,
  onEvaluation: (evaluation: SimulatedEvaluation) => void,
): ScenarioOutcome {
  const { name, tags } = scenario;
  const began = performance.now();
  try {
    const failures = runScenario(scenario, models, { onEvaluation });
    const durationMs = Math.round((performance.now() - began) * 100) / 100;
    return { name, tags, status: failures.length === 0 ? 'passed' : 'failed', durationMs, failures };
  } catch (error) {
    if (error instanceof ScenarioError)
      throw new ScenarioFileError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function skipped({ name, tags }: Scenario): ScenarioOutcome {
  return { name, tags, status: 'skipped', durationMs: 0, failures: [] };
}
