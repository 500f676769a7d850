import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { renderJson } from '../core/expression/json.ts';
import { writeTrouble } from '../load/file-trouble.ts';
import { LoadError } from '../load/load-error.ts';
import { UsageError } from '../server/usage-error.ts';
import { generateFile } from '../simulate/files/generate-file.ts';
import { runScenarioFiles, type ScenarioRun } from '../simulate/files/run-scenario-files.ts';
import { ScenarioFileError } from '../simulate/files/scenario-file.ts';
import { junitXml } from '../simulate/report/junit.ts';
import { outcomesDocument, showCoverage, showOutcomes } from '../simulate/report/scenarios.ts';
import { counted } from '../simulate/report/text.ts';
import { collect, pairs } from './model-options.ts';
import { painter } from './output.ts';

interface Flags {
  readonly tag?: readonly string[];
  readonly name?: string;
  readonly watch?: boolean;
  readonly junit?: string;
  readonly coverage?: boolean;
  readonly coverageJson?: string;
  readonly minCoverage?: number;
  readonly json?: boolean;
  readonly generate?: string;
  readonly parameter: ReadonlyMap<string, string>;
  readonly out?: string;
}

/** `tripline test`: scenarios in virtual time. */
export function testCommand(setExitCode: (code: number) => void): Command {
  return new Command('test')
    .description('Run test scenarios of models in virtual time')
    .argument(
      '[path...]',
      'scenario files, or folders that are searched for *.scenario.yaml, .yml and .json (default: .)',
    )
    .option('--tag <tag>', 'only scenarios with this tag (repeatable)', collect)
    .option('--name <text>', 'only scenarios with this text in their name')
    .option('--watch', 'run again when a scenario or a model changes')
    .option('--junit <file>', 'write JUnit XML')
    .option('--coverage', 'show which states, transitions, events and conditions were reached')
    .option('--coverage-json <file>', 'write the coverage as JSON')
    .option('--min-coverage <percent>', 'exit with 1 below this coverage', percentage)
    .addOption(
      new Option('--generate <model>', 'generate scenarios for a model from its present behaviour').conflicts(
        [...['tag', 'name', 'watch', 'junit', 'coverage', 'coverageJson', 'minCoverage', 'json']],
      ),
    )
    .addOption(
      new Option('--parameter <K=V>', 'with --generate: value of a template parameter (repeatable)')
        .argParser(pairs('--parameter'))
        .default(new Map(), 'none'),
    )
    .option('--out <file>', 'where --generate writes them (default: standard output)')
    .option('--json', 'JSON for programs')
    .addHelpText('after', EXAMPLE)
    .action(async (given: readonly string[], flags: Flags) => {
      const paths = given.length === 0 ? ['.'] : given;
      checkGenerateFlags(given, flags);
      if (flags.generate !== undefined) generate(flags.generate, flags.out, flags.parameter);
      else if (flags.watch !== true) setExitCode(test(paths, flags).exitCode);
      else if (flags.json === true) throw new UsageError('--watch and --json cannot be combined');
      else await keepTesting(paths, flags);
    });
}

const EXAMPLE = `
Exit code 1 when a scenario fails, 2 when one cannot run.

Examples:
  tripline init threshold pump
  tripline test pump --coverage
  tripline test pump --watch
  tripline test --generate pump/threshold.json --out pump/generated.scenario.yaml`;

/** Throws UsageError. */
function checkGenerateFlags(paths: readonly string[], { generate: model, out, parameter }: Flags): void {
  const [path] = paths;
  if (model !== undefined && path !== undefined)
    throw new UsageError(`--generate takes one model, ${model}, and no other path: ${path}`);
  if (model === undefined && out !== undefined) throw new UsageError('--out is only for --generate');
  if (model === undefined && parameter.size > 0)
    throw new UsageError('--parameter is only for --generate; a scenario file names its own parameters');
}

function percentage(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 100) return number;
  throw new UsageError(`--min-coverage ${text}: must be a number from 0 to 100`);
}

/** Runs everything once and prints the results. Throws UsageError. */
function test(
  paths: readonly string[],
  flags: Flags,
): { readonly exitCode: number; readonly watched: readonly string[] } {
  const run = runOrThrow(paths, flags);
  const { files, coverage, summary, watched } = run;
  const isShort = flags.minCoverage !== undefined && coverage.percent < flags.minCoverage;
  const paint = painter();
  const asksForCoverage = flags.coverage === true || flags.minCoverage !== undefined;
  if (flags.json === true) {
    const document = {
      files: outcomesDocument(files),
      summary,
      ...((asksForCoverage || flags.coverageJson !== undefined) && { coverage }),
    };
    process.stdout.write(`${renderJson(document)}\n`);
  } else {
    process.stdout.write(showOutcomes(files, paint));
    if (asksForCoverage) process.stdout.write(showCoverage(coverage, paint));
  }
  if (flags.junit !== undefined) write(flags.junit, junitXml(files));
  if (flags.coverageJson !== undefined) write(flags.coverageJson, `${JSON.stringify(coverage, null, 2)}\n`);
  if (isShort)
    process.stderr.write(`tripline: coverage is ${coverage.percent} %, less than ${flags.minCoverage} %\n`);
  return { exitCode: summary.failed > 0 || isShort ? 1 : 0, watched };
}

/** Generates scenarios, and prints what they do not reach. */
function generate(path: string, out: string | undefined, parameters: ReadonlyMap<string, string>): void {
  const { text, scenarios, missed } = orUsageError(() => generateFile(path, out, parameters));
  if (out === undefined) process.stdout.write(text);
  else {
    write(out, text);
    process.stderr.write(`${counted(scenarios, 'scenario')} in ${out}\n`);
  }
  for (const transition of missed) process.stderr.write(`not reached: ${transition}\n`);
}

function runOrThrow(paths: readonly string[], { tag = [], name }: Flags): ScenarioRun {
  return orUsageError(() => runScenarioFiles(paths, { tags: tag, name }));
}

function orUsageError<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof LoadError || error instanceof ScenarioFileError) throw new UsageError(error.message);
    throw error;
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${writeTrouble(error)}`);
  }
}

/** Milliseconds for which changes are collected, because editors write files in several steps. */
const GATHERING = 100;

/** Runs again after every change, until it is interrupted. */
async function keepTesting(paths: readonly string[], flags: Flags): Promise<void> {
  const { watch } = await import('chokidar');
  const watcher = watch([...paths], { ignoreInitial: true, ignored: /node_modules|[/\\]\.git/ });
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    try {
      watcher.add([...test(paths, flags).watched]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // The change may be half written: the next one corrects it.
      process.stderr.write(`tripline: ${error.message}\n`);
    }
    process.stdout.write('\nWaiting for changes; press Ctrl-C to stop.\n');
  };
  watcher.on('all', (_event, path) => {
    if (!/\.(json|ya?ml|template|tf)$/.test(path)) return;
    clearTimeout(timer);
    timer = setTimeout(again, GATHERING);
  });
  again();
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  clearTimeout(timer);
  await watcher.close();
}
