import { findScenarioFiles, loadScenarioFile } from '../simulate/files/scenario-file.ts';
import { showFailure } from '../simulate/report/junit.ts';
import { runScenario } from '../simulate/scenario/run.ts';

/** One scenario of a file, for one row of its examples. */
export interface RunnableScenario {
  readonly name: string;
  readonly file: string;
  readonly tags: readonly string[];
  /**
   * Resolves when the scenario passes; rejects with an Error that names the step, the expected and the actual value.
   */
  run(): Promise<void>;
}

/**
 * Loads the scenarios of one or more files or folders (searched recursively). Rejects when a file does not fit the
 * grammar or a model cannot run.
 */
export async function scenarios(paths: string | readonly string[]): Promise<RunnableScenario[]> {
  const files = findScenarioFiles(typeof paths === 'string' ? [paths] : paths);
  return files.flatMap((file) => {
    const { scenarios: found, models } = loadScenarioFile(file);
    return found.map(
      (scenario): RunnableScenario => ({
        name: scenario.name,
        file,
        tags: scenario.tags,
        run: async () => {
          const failures = runScenario(scenario, models);
          if (failures.length > 0)
            throw new Error(`${scenario.name}: ${failures.map(showFailure).join('\n')}`);
        },
      }),
    );
  });
}
