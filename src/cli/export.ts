import { Command, Option } from 'commander';
import type { Kind } from '../migrate/report.ts';
import { writeCloudFormation } from '../migrate/write/cloudformation.ts';
import { requestFile } from '../migrate/write/files.ts';
import type { Request, Requests, Written } from '../migrate/write/requests.ts';
import { writeTerraform } from '../migrate/write/terraform.ts';
import { UsageError } from '../server/usage-error.ts';
import { connect, type ServerFlags, SIGNING_HELP, withCredentialFlags } from './client.ts';
import { readRequests } from './server-resources.ts';
import { readStoredRequests } from './stored-resources.ts';
import { writeFiles } from './write-files.ts';

interface ExportFlags extends Omit<ServerFlags, 'url'> {
  readonly dataDir?: string;
  readonly format: keyof typeof FORMATS;
  readonly out?: string;
}

/** `tripline export`: everything a server or a data directory holds, in a form that `tripline import` takes. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('Write the inputs, models and topic rules of a server as requests or a template')
    .argument('[url]', 'address of a running server')
    .option('--data-dir <directory>', 'read the data directory of a server that is not running instead')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(Object.keys(FORMATS)).default('api'),
    )
    .option('--out <directory>', 'write files there instead of standard output');
  return withCredentialFlags(command)
    .addHelpText('after', `${SIGNING_HELP}${EXAMPLE}`)
    .action(async (url: string | undefined, { format, out, dataDir, ...flags }: ExportFlags) => {
      const requests = await requestsOf(url, dataDir, flags);
      const { text, file, omitted } = FORMATS[format](requests);
      for (const each of omitted) process.stderr.write(`tripline: ${each}\n`);
      if (out === undefined) process.stdout.write(text);
      else writeFiles(out, file === undefined ? filesOf(requests) : [{ path: file, text }]);
    });
}

function requestsOf(
  url: string | undefined,
  dataDir: string | undefined,
  flags: Omit<ServerFlags, 'url'>,
): Promise<Requests> {
  if (url !== undefined && dataDir === undefined) return readRequests(connect({ url, ...flags }));
  if (url === undefined && dataDir !== undefined) return readStoredRequests(dataDir);
  throw new UsageError('export needs either the address of a running server, or --data-dir');
}

const EXAMPLE = `

Examples:
  tripline export http://127.0.0.1:9470 > models.json
  tripline export http://127.0.0.1:9470 --format terraform --out ./infrastructure
  tripline backup today.gz && tripline restore today.gz --data-dir ./restored
  tripline export --data-dir ./restored > models.json`;

interface Output extends Written {
  /** Absent where each request has its own file. */
  readonly file?: string;
}

const FORMATS = {
  api: (requests: Requests): Output => ({ text: `${JSON.stringify(requests, null, 2)}\n`, omitted: [] }),
  cloudformation: (requests: Requests): Output => ({
    ...writeCloudFormation(requests),
    file: 'template.json',
  }),
  terraform: (requests: Requests): Output => ({ ...writeTerraform(requests), file: 'main.tf' }),
} as const;

function filesOf({ inputs, detectorModels, alarmModels, topicRules }: Requests) {
  const of = (kind: Kind, list: readonly Request[]) => list.map((request) => requestFile(kind, request));
  return [
    ...of('input', inputs),
    ...of('detectorModel', detectorModels),
    ...of('alarmModel', alarmModels),
    ...of('topicRule', topicRules),
  ];
}
