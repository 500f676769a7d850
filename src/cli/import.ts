import { Command, Option } from 'commander';
import { type LoadOptions, loadModels } from '../load/load-models.ts';
import type { Imported } from '../migrate/import.ts';
import { printable } from '../migrate/report.ts';
import { UsageError } from '../server/usage-error.ts';
import { renderReport } from './import-report.ts';

interface ImportFlags {
  readonly parameter: ReadonlyMap<string, string>;
  readonly resolve: ReadonlyMap<string, string>;
  readonly region?: string;
  readonly accountId?: string;
  readonly stackName?: string;
  readonly sample: ReadonlyMap<string, string>;
  readonly dropUnsupportedActions?: boolean;
  readonly json?: boolean;
}

/** `tripline import`: whatever form a model was kept in, as the requests that create it. */
export function importCommand(setExitCode: (code: number) => void): Command {
  const command = new Command('import')
    .description('Read models from CloudFormation, SAM, CDK, Terraform, exports or API requests')
    .argument('[paths...]', 'files, folders that are searched, or - for standard input');
  return withReferenceFlags(command)
    .addOption(
      new Option('--sample <INPUT=FILE>', 'make an input from an example message in JSON (repeatable)')
        .argParser(pair('--sample'))
        .default(new Map(), 'none'),
    )
    .option('--drop-unsupported-actions', 'leave out actions of topic rules that do not run here')
    .option('--json', 'JSON for programs')
    .addHelpText('after', EXAMPLE)
    .action((paths: string[], flags: ImportFlags) => {
      if (paths.length === 0 && flags.sample.size === 0)
        throw new UsageError('name a file or a folder to import');
      const samples = [...flags.sample].map(([inputName, path]) => ({ inputName, path }));
      const { dropUnsupportedActions = false } = flags;
      const imported = loadModels(paths, { ...referenceOptions(flags), samples, dropUnsupportedActions });
      print(flags.json === true ? JSON.stringify(documentOf(imported), null, 2) : renderReport(imported));
      setExitCode(imported.findings.some(({ level }) => level === 'ERROR') ? 1 : 0);
    });
}

const EXAMPLE = `
Without --out and --apply it only reports. Exit code 1 when there is an ERROR.

Examples:
  tripline import template.yaml --parameter Stage=prod
  tripline import cdk.out --resolve 'Role1ABCC5F0.Arn=arn:aws:iam::123456789012:role/events'
  tripline import --sample PumpReading=message.json`;

/** The flags that say what references stand for, for every command that takes a model. */
export function withReferenceFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--parameter <K=V>', 'value of a template parameter or Terraform variable (repeatable)')
        .argParser(pair('--parameter'))
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option('--resolve <REF=VALUE>', 'value of a reference that is reported as unresolved (repeatable)')
        .argParser(pair('--resolve'))
        .default(new Map(), 'none'),
    )
    .option('--region <region>', 'region of the resources (default: AWS_REGION, else us-east-1)')
    .option('--account-id <id>', 'account of the resources (default: 000000000000)')
    .option('--stack-name <name>', "name of the stack (default: from the file's name)");
}

/** What those flags mean to `loadModels`. */
export function referenceOptions(
  flags: Pick<ImportFlags, 'parameter' | 'resolve' | 'region' | 'accountId' | 'stackName'>,
): LoadOptions {
  const { parameter, resolve, region, accountId, stackName } = flags;
  const defaultRegion = process.env.AWS_REGION;
  return {
    parameters: parameter,
    resolve,
    ...(region !== undefined && { region }),
    ...(defaultRegion && { defaultRegion }),
    ...(accountId !== undefined && { accountId }),
    ...(stackName !== undefined && { stackName }),
  };
}

function pair(flag: string) {
  return (text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
    const [, key, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
    if (key === undefined || value === undefined) throw new UsageError(`${flag} ${text}: must be NAME=VALUE`);
    return new Map([...before, [key, value]]);
  };
}

function documentOf({ undeclared: _, ...report }: Imported) {
  const { files, inputs, detectorModels, alarmModels, topicRules, findings, targets } = report;
  const count = (wanted: string) => findings.filter(({ level }) => level === wanted).length;
  return {
    files,
    inputs: inputs.map(printable),
    detectorModels: detectorModels.map(printable),
    alarmModels: alarmModels.map(printable),
    topicRules: topicRules.map(printable),
    findings,
    targets,
    summary: {
      inputs: inputs.length,
      detectorModels: detectorModels.length,
      alarmModels: alarmModels.length,
      topicRules: topicRules.length,
      errors: count('ERROR'),
      warnings: count('WARNING'),
    },
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
