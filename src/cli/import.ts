import { Command, Option } from 'commander';
import { type LoadOptions, loadModels } from '../load/load-models.ts';
import { printable, type Report, resourcesOf } from '../migrate/report.ts';
import { requestFile } from '../migrate/write/files.ts';
import { UsageError } from '../server/usage-error.ts';
import { type Application, applyImport } from './apply/apply.ts';
import { connect, SIGNING_HELP, withCredentialFlags } from './client.ts';
import { renderReport } from './import-report.ts';
import { checkStandardInput, pairs } from './model-options.ts';
import { checkTargets } from './target-access.ts';
import { writeFiles } from './write-files.ts';

/** The flags that give references their values. */
export interface ReferenceFlags {
  readonly parameter: ReadonlyMap<string, string>;
  readonly resolve: ReadonlyMap<string, string>;
  readonly region?: string;
  readonly accountId?: string;
  readonly stackName?: string;
}

interface ImportFlags extends ReferenceFlags {
  readonly sample: ReadonlyMap<string, string>;
  readonly dropUnsupportedActions?: boolean;
  readonly out?: string;
  readonly apply?: string;
  readonly force?: boolean;
  readonly keepDetectors?: boolean;
  readonly ca?: string;
  readonly profile?: string;
  readonly checkTargets?: boolean;
  readonly json?: boolean;
}

/** `tripline import`: turns models in any of their forms into the requests that create them. */
export function importCommand(setExitCode: (code: number) => void): Command {
  const command = new Command('import')
    .description('Read models from CloudFormation, SAM, CDK, Terraform, exports or API requests')
    .argument('[paths...]', 'files, folders that are searched, or - for standard input');
  return withCredentialFlags(withReferenceFlags(command))
    .addOption(
      new Option('--sample <INPUT=FILE>', 'create an input from an example message in JSON (repeatable)')
        .argParser(pairs('--sample'))
        .default(new Map(), 'none'),
    )
    .option('--drop-unsupported-actions', 'leave out actions of topic rules that do not run here')
    .option('--out <directory>', 'write each request into a file there')
    .option('--apply <url>', 'create or update the imported resources on the server at this address')
    .option('--force', 'with --apply: apply resources without errors even if others have some')
    .option(
      '--keep-detectors',
      'with --apply: keep the detectors of updated models where the update allows it',
    )
    .option('--check-targets', 'ask AWS whether the current credentials may use the targets of the actions')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', `${EXAMPLE}\n${SIGNING_HELP}`)
    .action(async (paths: string[], flags: ImportFlags) => {
      if (paths.length === 0 && flags.sample.size === 0)
        throw new UsageError('name a file or a folder to import');
      checkStandardInput(paths);
      const { apply, out, dropUnsupportedActions = false, force = false, keepDetectors = false } = flags;
      if (apply === undefined && (force || keepDetectors)) {
        throw new UsageError(`${force ? '--force' : '--keep-detectors'} can only be used with --apply`);
      }
      const client = apply === undefined ? undefined : connect({ ...flags, url: apply });
      const samples = [...flags.sample].map(([inputName, path]) => ({ inputName, path }));
      const imported = loadModels(paths, { ...referenceOptions(flags), samples, dropUnsupportedActions });
      if (out !== undefined)
        writeFiles(
          out,
          resourcesOf(imported).map(({ kind, request }) => requestFile(kind, request)),
        );
      const application = client && (await applyImport(client, imported, { force, keepDetectors }));
      const targets =
        flags.checkTargets === true ? await checkTargets(imported.targets, flags.region) : imported.targets;
      const report = { ...imported, ...application, targets };
      print(flags.json === true ? JSON.stringify(documentOf(report), null, 2) : renderReport(report));
      const isDone = report.applied?.every(({ result }) => result !== 'failed') ?? true;
      setExitCode(isDone && report.findings.every(({ level }) => level !== 'ERROR') ? 0 : 1);
    });
}

const EXAMPLE = `
Without --out and --apply it only reports. Exit code 1 when there is an error, or the server refuses something; what
was applied of the same file is then taken back.

Examples:
  tripline init threshold pump
  tripline import pump
  tripline import pump --apply http://127.0.0.1:9470
  echo '{"pumpId":"P-101","bar":9.5}' > message.json
  tripline import --sample PumpReading=message.json --out ./requests

Templates take values for what stands outside of them:
  --parameter Stage=prod --resolve 'Role1ABCC5F0.Arn=arn:aws:iam::123456789012:role/events'`;

/** The flags that give references their values, for every command that reads a model. */
export function withReferenceFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--parameter <K=V>', 'value of a template parameter or Terraform variable (repeatable)')
        .argParser(pairs('--parameter'))
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option('--resolve <REF=VALUE>', 'value of a reference that is reported as unresolved (repeatable)')
        .argParser(pairs('--resolve'))
        .default(new Map(), 'none'),
    )
    .option('--region <region>', 'region of the resources (default: AWS_REGION, else us-east-1)')
    .option('--account-id <id>', 'account of the resources (default: 000000000000)')
    .option('--stack-name <name>', "name of the stack (default: from the file's name)");
}

/** The options of `loadModels` for those flags. */
export function referenceOptions(flags: ReferenceFlags): LoadOptions {
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

function documentOf(report: Report & Partial<Application>) {
  const { files, inputs, detectorModels, alarmModels, topicRules, findings, targets, applied } = report;
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
    ...(applied !== undefined && { applied }),
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
