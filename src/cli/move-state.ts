import { Command } from 'commander';
import type { Moved } from '../cluster/move-state.ts';
import { resolveConfig, type ServeFlags } from '../server/config.ts';
import { keepToOwner } from './umask.ts';

/** `tripline import-state`. */
export function importStateCommand(): Command {
  return withFlags(new Command('import-state'))
    .description('Move a data directory into a new cluster (docs/cluster.md)')
    .addHelpText('after', IMPORT_EXAMPLE)
    .action(async (flags: ServeFlags) => {
      const config = configOf(flags);
      const { moveIn } = await import('../server/move-state.ts');
      const { openLog } = await import('../server/log.ts');
      say(
        await moveIn(config, await openLog(config.logLevel)),
        `moved from ${config.dataDir} into the cluster`,
      );
    });
}

const IMPORT_EXAMPLE = `
The server of the data directory has to be stopped, workers of the cluster have to run. The directory stays as it is.

Example:
  tripline import-state --data-dir ./tripline-data --restate-ingress http://127.0.0.1:8080`;

/** `tripline export-state`. */
export function exportStateCommand(): Command {
  return withFlags(new Command('export-state'))
    .description('Move the data of a cluster into a new data directory (docs/cluster.md)')
    .addHelpText('after', EXPORT_EXAMPLE)
    .action(async (flags: ServeFlags) => {
      const config = configOf(flags);
      keepToOwner();
      const { moveOut } = await import('../server/move-state.ts');
      say(await moveOut(config), `written from the cluster to ${config.dataDir}`);
    });
}

const EXPORT_EXAMPLE = `
Stop the fronts, then the workers; Restate has to run. The cluster stays as it is.

Example:
  tripline export-state --data-dir ./from-cluster --restate-admin http://127.0.0.1:9070`;

function withFlags(command: Command): Command {
  return command
    .option('--data-dir <directory>', 'the data directory (default: ./tripline-data)')
    .option('--restate-ingress <urls>', "Restate's ingress (default: http://127.0.0.1:8080)")
    .option('--restate-admin <urls>', "Restate's admin API (default: http://127.0.0.1:9070)")
    .option('--cluster-name <name>', 'the name of the cluster (default: tripline)')
    .option('--config <file>', 'JSON with a key for every flag');
}

function configOf(flags: ServeFlags) {
  return resolveConfig({ insecure: true, ...flags }, process.env);
}

function say({ definitions, instances, executions }: Moved, what: string): void {
  process.stdout.write(
    `${definitions} definitions, ${instances} detectors and alarms, ${executions} executions of actions ${what}\n`,
  );
}
