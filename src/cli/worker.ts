import { Command, Option } from 'commander';
import { LOG_LEVELS, resolveConfig, type ServeFlags } from '../server/config.ts';
import { outliveHangup, stopAtSignal } from './stopping.ts';
import { keepToOwner } from './umask.ts';

/** `tripline worker`. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('Run the detectors of a cluster on Restate (docs/cluster.md)')
    .option('--host <address>', 'address to listen on for Restate (default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on for Restate (default: 9080)')
    .option(
      '--advertise <url>',
      'address under which Restate reaches the workers, of a proxy before several (default: its own)',
    )
    .option('--address <url>', 'address under which fronts reach this worker (default: where it listens)')
    .option(
      '--restate-ingress <urls>',
      "Restate's ingress; of several nodes with commas between them (default: http://127.0.0.1:8080)",
    )
    .option('--restate-admin <urls>', "Restate's admin API; likewise (default: http://127.0.0.1:9070)")
    .option('--cluster-name <name>', 'several clusters may share one Restate (default: tripline)')
    .option('--config <file>', 'JSON with a key for every flag')
    .addOption(
      new Option(
        '--actions <mode>',
        'send actions, or only build and keep their requests (default: aws)',
      ).choices(['aws', 'record']),
    )
    .option('--assume-role', 'send the actions of a model under its roleArn (through STS)')
    .option('--mqtt-url <url>', 'MQTT broker that iotTopicPublish goes to')
    .option('--smtp-url <url>', 'send alarm notifications by e-mail through this server')
    .option('--recipients <file>', 'file with the e-mail addresses and phone numbers of alarm recipients')
    .option('--region <region>', 'for clients of AWS (default: AWS_REGION or us-east-1)')
    .option(
      '--evaluation-log <file>',
      'file to append evaluation log entries (PutLoggingOptions) to, - for standard output (default: -)',
    )
    .option(
      '--cloudwatch-log-group <name>',
      'send the entries of the evaluation log to this CloudWatch log group too',
    )
    .addOption(new Option('--log-level <level>', 'lowest level to log (default: info)').choices(LOG_LEVELS))
    .addHelpText('after', EXAMPLE)
    .action((flags: ServeFlags) => work(flags));
}

const EXAMPLE = `
Restate must reach the worker at its address, and nobody else should: whoever does can run detectors.

Example:
  tripline worker --restate-ingress http://127.0.0.1:8080 --restate-admin http://127.0.0.1:9070
  tripline serve --engine restate`;

async function work({ advertise, address, ...flags }: ServeFlags): Promise<void> {
  keepToOwner();
  // A worker takes no requests of clients: --insecure and --credentials are not its business.
  const config = resolveConfig({ port: '9080', insecure: true, ...flags }, process.env);
  const { logWarnings, openLog } = await import('../server/log.ts');
  const { startWorkerProcess } = await import('../server/worker.ts');
  const log = await openLog(config.logLevel);
  logWarnings(log);
  const urls = {
    ...(typeof advertise === 'string' && { advertise }),
    ...(typeof address === 'string' && { address }),
  };
  const worker = await startWorkerProcess(config, urls, log);
  log.info({ url: worker.url, actions: config.actions, restateAdmin: config.restateAdmin }, 'ready');
  outliveHangup(log);
  await stopAtSignal(() => worker.close(), config.stopTimeout, log);
}
