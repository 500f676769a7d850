import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { dropModel } from '../runtime/repair.ts';
import { CommandError } from '../server/usage-error.ts';
import { openLevelStore } from '../store/level-store.ts';
import { StoreError } from '../store/store.ts';
import { keepToOwner } from './umask.ts';

interface RepairFlags {
  readonly dataDir: string;
  readonly dropModel: string;
}

/** `tripline repair`. */
export function repairCommand(): Command {
  return new Command('repair')
    .description('Delete a model that keeps the server from starting')
    .requiredOption('--data-dir <directory>', 'data directory of a server that is not running')
    .requiredOption(
      '--drop-model <name>',
      'the model to delete, with its versions, detectors, alarms and timers',
    )
    .addHelpText('after', EXAMPLE)
    .action(repair);
}

const EXAMPLE = `
Keep a copy of the directory: what is dropped is gone. Inputs and actions that wait stay.

Example:
  tripline backup today.gz
  tripline restore today.gz --data-dir ./broken
  tripline repair --data-dir ./broken --drop-model PumpPressure`;

async function repair({ dataDir, dropModel: name }: RepairFlags): Promise<void> {
  keepToOwner();
  // Opening would create a missing directory.
  if (!existsSync(dataDir)) throw new CommandError(`There is no data directory ${dataDir}`);
  try {
    const store = await openLevelStore(dataDir);
    try {
      const dropped = await dropModel(store, name);
      if (dropped.length === 0) throw new CommandError(`There is no model ${name} in ${dataDir}`);
      for (const { kind, versions, instances } of dropped)
        process.stdout.write(
          `Dropped the ${kind} model ${name}: ${versions} ${versions === 1 ? 'version' : 'versions'}, ${instances} ${kind}${instances === 1 ? '' : 's'}\n`,
        );
    } finally {
      await store.close();
    }
  } catch (cause) {
    throw cause instanceof StoreError ? new CommandError(cause.message, { cause }) : cause;
  }
}
