import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { DEFAULT_LIMITS } from '../limits.ts';
import { writeTrouble } from '../load/file-trouble.ts';
import { LoadError } from '../load/load-error.ts';
import { loadModels } from '../load/load-models.ts';
import { analyseResource } from '../migrate/check/analysis.ts';
import { Findings, placeOfFinding } from '../migrate/findings.ts';
import type { Imported } from '../migrate/import.ts';
import type { Finding, Resource } from '../migrate/report.ts';
import { sarifLog } from '../migrate/sarif.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { VERSION } from '../server/version.ts';
import { type ReferenceFlags, referenceOptions, withReferenceFlags } from './import.ts';
import { counted, renderFinding } from './import-report.ts';
import { checkStandardInput } from './model-options.ts';

interface AnalyzeFlags extends ReferenceFlags {
  readonly input?: readonly string[];
  readonly sarif?: string;
  readonly json?: boolean;
}

/** `tripline analyze`: the service's analysis of a model, and our additional advice. */
export function analyzeCommand(setExitCode: (code: number) => void): Command {
  const command = new Command('analyze')
    .description('Find mistakes in models before they are created')
    .argument(
      '<paths...>',
      'files or folders in any form that tripline import reads: exports, requests, templates, Terraform',
    )
    .option(
      '--input <paths...>',
      'file or folder with the inputs of the models; without it, inputs that are not in <paths> are assumed to exist',
    );
  return withReferenceFlags(command)
    .option('--sarif <file>', 'also write the findings as SARIF 2.1.0')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', EXAMPLE)
    .action((paths: string[], flags: AnalyzeFlags) => {
      checkStandardInput([...paths, ...(flags.input ?? [])]);
      const findings = findingsOf(paths, flags);
      if (flags.sarif !== undefined) writeSarif(flags.sarif, findings);
      print(
        flags.json === true
          ? JSON.stringify({ findings: findings.map(documentOf) }, null, 2)
          : render(findings),
      );
      setExitCode(findings.some(({ level }) => level === 'ERROR') ? 1 : 0);
    });
}

const EXAMPLE = `
Exit code 1 when there is an error: such a model cannot be created.

Examples:
  tripline init threshold pump
  tripline analyze pump/threshold.json
  tripline analyze pump --sarif findings.sarif`;

/** Findings of an import that concern the models themselves. */
const SHOWN: ReadonlySet<Finding['code']> = new Set([
  ...(['invalid', 'duplicate', 'parameter', 'unresolved', 'unsupported', 'unknown-member'] as const),
]);

function findingsOf(paths: readonly string[], flags: AnalyzeFlags): Finding[] {
  const options = referenceOptions(flags);
  const imported = loadModels(paths, options);
  const unreadable = imported.findings.find(({ code }) => code === 'syntax' || code === 'not-recognised');
  if (unreadable !== undefined) throw new UsageError(renderFinding(unreadable));
  const { detectorModels, alarmModels } = imported;
  if (detectorModels.length + alarmModels.length === 0) {
    throw new LoadError(`There is no detector model and no alarm model in ${paths.join(', ')}`);
  }
  const known = flags.input && loadModels(flags.input, options).inputs;
  return [
    ...imported.findings.filter(({ code, kind }) => SHOWN.has(code) && kind !== 'topicRule'),
    ...analyses(imported, known),
  ];
}

/** If the inputs are known, missing inputs are errors, and so are attributes that they do not have. */
function analyses(
  { detectorModels, inputs }: Imported,
  more: readonly Resource[] | undefined,
): readonly Finding[] {
  const attributes = new Map([...inputs, ...(more ?? [])].map((input) => [input.name, attributesOf(input)]));
  const context = {
    limits: DEFAULT_LIMITS,
    hasInput: (name: string) => more === undefined || attributes.has(name),
    attributesOf: (name: string) => attributes.get(name),
  };
  const findings = new Findings();
  for (const model of detectorModels.filter(({ isWellFormed }) => isWellFormed)) {
    const { key } = model.request;
    const own = { ...context, ...(typeof key === 'string' && { key }) };
    for (const finding of analyseResource(model, own, true)) findings.add(finding);
  }
  return findings.list;
}

/** Undefined for an input whose definition is not in the form of the API. */
function attributesOf({ request, isWellFormed }: Resource): string[] | undefined {
  if (!isWellFormed) return undefined;
  const { attributes = [] } = request.inputDefinition as {
    readonly attributes?: { readonly jsonPath: string }[];
  };
  return attributes.map(({ jsonPath }) => jsonPath);
}

/** In the form of the API, with the position in the file. */
function documentOf({ type, code, level, message, path, name, file, line, column }: Finding) {
  const locations = path === undefined ? [] : [{ path }];
  return { type: type ?? code, level, message, locations, name, file, line, column };
}

function render(findings: readonly Finding[]): string {
  const count = (wanted: Finding['level']) => findings.filter(({ level }) => level === wanted).length;
  const counts = [
    counted(count('ERROR'), 'error'),
    counted(count('WARNING'), 'warning'),
    counted(count('INFO'), 'note'),
  ];
  return [...findings.map(renderFinding), counts.join(', ')].join('\n');
}

function writeSarif(file: string, findings: readonly Finding[]): void {
  const log = sarifLog(
    findings.map((finding) => ({ finding, place: placeOfFinding(finding) })),
    VERSION,
  );
  try {
    writeFileSync(file, `${JSON.stringify(log, null, 2)}\n`);
  } catch (cause) {
    throw new CommandError(`--sarif ${file} cannot be written: ${writeTrouble(cause)}`, { cause });
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
