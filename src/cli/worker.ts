import { Command, Option } from 'commander';
import { LOG_LEVELS, resolveConfig, type ServeFlags } from '../server/config.ts';
import { keepHeapRoom } from './heap-room.ts';
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
      'address at which Restate reaches the workers; with several workers, that of a proxy (default: its own)',
    )
    .option('--address <url>', 'address at which fronts reach this worker (default: the one it listens on)')
    .option(
      '--restate-ingress <urls>',
      "addresses of Restate's ingress, comma-separated (default: http://127.0.0.1:8080)",
    )
    .option(
      '--restate-admin <urls>',
      "addresses of Restate's admin API, comma-separated (default: http://127.0.0.1:9070)",
    )
    .option('--cluster-name <name>', 'name of the cluster; several may share one Restate (default: tripline)')
    .option('--config <file>', 'JSON with a key for every flag')
    .addOption(
      new Option(
        '--actions <mode>',
        'send actions (aws), or only build and keep their requests (record) (default: aws)',
      ).choices(['aws', 'record']),
    )
    .option('--assume-role', 'send the actions of a model under its roleArn (through STS)')
    .option('--mqtt-url <url>', 'MQTT broker for iotTopicPublish')
    .option('--smtp-url <url>', 'send alarm notifications by e-mail through this server')
    .option('--recipients <file>', 'file with the e-mail addresses and phone numbers of alarm recipients')
    .option('--region <region>', 'AWS region of the clients (default: AWS_REGION or us-east-1)')
    .option(
      '--evaluation-log <file>',
      'file that evaluation log entries (PutLoggingOptions) are appended to, - for standard output (default: -)',
    )
    .option(
      '--cloudwatch-log-group <name>',
      'also send the entries of the evaluation log to this CloudWatch log group',
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
  keepHeapRoom();
  // A worker gets no requests from clients: --insecure and --credentials do not apply to it.
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
