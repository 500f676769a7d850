import { Command, Option } from 'commander';
import { beginReading } from '../server/begin-reading.ts';
import {
  DEFAULT_CONFIG_FILE,
  LOG_LEVELS,
  resolveConfig,
  type ServeConfig,
  type ServeFlags,
} from '../server/config.ts';
import { VERSION } from '../server/version.ts';
import { keepHeapRoom } from './heap-room.ts';
import { outliveHangup, stopAtSignal } from './stopping.ts';
import { keepToOwner } from './umask.ts';

/** `tripline serve`. */
export function serveCommand(): Command {
  return withServeFlags(new Command('serve'))
    .description('Serve the AWS IoT Events API')
    .addHelpText('after', EXAMPLE)
    .action((flags: ServeFlags) => serve(resolveConfig(flags, process.env)));
}

/** The flags of every command that serves. None has a default here: the configuration decides about absent flags. */
export function withServeFlags(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port of the API (default: 9470)')
    .option('--data-dir <directory>', 'directory of everything durable (default: ./tripline-data)')
    .addOption(
      new Option(
        '--engine <engine>',
        'what runs detectors: this process (embedded), or a cluster on Restate (default: embedded)',
      ).choices(['embedded', 'restate']),
    )
    .option(
      '--restate-ingress <urls>',
      "addresses of Restate's ingress, comma-separated (default: http://127.0.0.1:8080)",
    )
    .option(
      '--restate-admin <urls>',
      "addresses of Restate's admin API, comma-separated (default: http://127.0.0.1:9070)",
    )
    .option('--cluster-name <name>', 'name of the cluster; several may share one Restate (default: tripline)')
    .option('--config <file>', `JSON with a key for every flag (default: ${DEFAULT_CONFIG_FILE} if present)`)
    .addOption(
      new Option(
        '--actions <mode>',
        'send actions (aws), or only build and keep their requests (record) (default: aws)',
      ).choices(['aws', 'record']),
    )
    .option(
      '--assume-role',
      "send the actions of a model under its roleArn (through STS) instead of this process's own credentials",
    )
    .option('--mqtt-port <number>', 'port of the embedded MQTT broker, 0 for none (default: 1883)')
    .option(
      '--mqtt-tls-port <number>',
      'TLS port of the embedded MQTT broker, 0 for none (default: 8883 with --tls-cert)',
    )
    .option(
      '--mqtt-client-ca <file>',
      'authorities (PEM) of the client certificates that devices may connect with',
    )
    .option('--devices <file>', 'file of devices that may connect by MQTT, see "tripline devices --help"')
    .option('--mqtt-url <url>', 'use this MQTT broker instead of the embedded one')
    .option('--mqtt-client-id <id>', 'client id at that broker (default: a random one, which is stored)')
    .option('--mqtt-group <name>', 'share its messages with the other servers of this group')
    .option('--mqtt-ca <file>', 'certificate authority (PEM) of that broker')
    .option('--mqtt-cert <file>', 'client certificate (PEM) for that broker')
    .option('--mqtt-key <file>', 'private key (PEM) of the client certificate')
    .option(
      '--smtp-url <url>',
      "send alarm notifications by e-mail through this server instead of the model's Lambda function",
    )
    .option('--recipients <file>', 'file with the e-mail addresses and phone numbers of alarm recipients')
    .option('--region <region>', 'AWS region, in ARNs and for clients (default: AWS_REGION or us-east-1)')
    .option('--account-id <id>', 'AWS account id, in ARNs (default: 000000000000)')
    .option('--credentials <file>', 'file of access keys; every request must then be signed with one of them')
    .option('--tls-cert <file>', 'certificate (PEM) for HTTPS')
    .option('--tls-key <file>', 'private key (PEM) of the certificate')
    .option(
      '--allowed-hosts <names>',
      'host names that clients may use for this server, comma-separated; IP addresses and localhost always work',
    )
    .option('--stop-timeout <seconds>', 'exit this long after SIGTERM at the latest (default: 10)')
    .option(
      '--allowed-targets <targets>',
      'targets that actions may be sent to, comma-separated, such as sqs/https://…/alerts or lambda/* (default: anything)',
    )
    .option('--insecure', 'allow listening beyond loopback without credentials')
    .addOption(new Option('--log-level <level>', 'lowest level to log (default: info)').choices(LOG_LEVELS))
    .option(
      '--cloudwatch-log-group <name>',
      'also send the entries of the evaluation log to this CloudWatch log group',
    )
    .option('--history', 'keep every accepted message, for "tripline history" and the console')
    .option('--history-max-age <duration>', 'how long messages are kept (default: 7d)')
    .option(
      '--history-max-bytes <number>',
      'how many bytes of messages are kept; the oldest are dropped first (default: 1073741824)',
    )
    .option(
      '--evaluation-log <file>',
      'file that evaluation log entries (PutLoggingOptions) are appended to, - for standard output (default: -)',
    );
}

const EXAMPLE = `
Example:
  tripline serve --data-dir ./tripline-data --port 9470

SIGTERM and SIGINT stop it cleanly. docs/configuration.md lists the keys of the configuration file.`;

async function serve(config: ServeConfig): Promise<void> {
  keepToOwner();
  keepHeapRoom();
  // The code takes as long to load as a million detectors to verify, so both happen at once.
  const reader = await beginReading(config);
  // Loaded here, so commands that serve nothing start in a third of the time.
  const { logWarnings, openLog } = await import('../server/log.ts');
  const { startServer } = await import('../server/server.ts');
  const log = await openLog(config.logLevel);
  logWarnings(log);
  outliveHangup(log);
  const server = await startServer(config, log, { reader }).catch(async (error: unknown) => {
    await reader?.close();
    throw error;
  });
  const { engine, dataDir, restateAdmin, actions, region } = config;
  const catalog = await server.host.catalog();
  const { detectors, alarms } = server.host.figures();
  const models = { detectorModels: catalog.models.size, alarmModels: catalog.alarmModels.size };
  const held = { inputs: catalog.inputs.size, ...models, detectors, alarms };
  const where = engine === 'embedded' ? { dataDir } : { restateAdmin };
  log.info({ version: VERSION, url: server.url, ...where, actions, region, ...held }, 'ready');
  await stopAtSignal(server.close, config.stopTimeout, log);
}
