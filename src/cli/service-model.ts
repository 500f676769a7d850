import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { writeTrouble } from '../load/file-trouble.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { SERVICE_NAMES, type ServiceName, serviceModel } from '../wire/service/service-model.ts';

/** `tripline service-model`. */
export function serviceModelCommand(): Command {
  return new Command('service-model')
    .description(
      'Print the service model that adds AWS IoT Events to current versions of the AWS CLI and boto3',
    )
    .addArgument(new Argument('[service]', 'the API to print').choices(SERVICE_NAMES))
    .option('--data-path <directory>', 'write both to a directory for AWS_DATA_PATH instead')
    .addHelpText('after', EXAMPLE)
    .action((service: ServiceName | undefined, { dataPath }: { readonly dataPath?: string }) => {
      if ((service === undefined) === (dataPath === undefined)) {
        throw new UsageError(`name ${SERVICE_NAMES.join(' or ')}, or a directory with --data-path`);
      }
      if (dataPath !== undefined) writeAll(dataPath);
      if (service !== undefined) process.stdout.write(render(service));
    });
}

const EXAMPLE = `
Example:
  tripline service-model iotevents > iotevents.json
  tripline service-model --data-path ./aws-models

The AWS CLI takes the first with
  aws configure add-model --service-name iotevents --service-model file://iotevents.json
and programs that use boto3 find the second where AWS_DATA_PATH=./aws-models is set.`;

/** In the folders that botocore looks into: `<service>/<API version>/service-2.json`. */
function writeAll(dataPath: string): void {
  for (const service of SERVICE_NAMES) {
    const folder = join(dataPath, service, serviceModel(service).metadata.apiVersion);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'service-2.json'), render(service));
    } catch (error) {
      throw new CommandError(`--data-path ${dataPath} cannot be written: ${writeTrouble(error)}`, {
        cause: error,
      });
    }
  }
}

function render(service: ServiceName): string {
  return `${JSON.stringify(serviceModel(service), null, 1)}\n`;
}
