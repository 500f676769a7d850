import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { checkReadable } from '../load/attempt.ts';
import { writeTrouble } from '../load/file-trouble.ts';
import { CommandError } from '../server/usage-error.ts';
import { readBackup } from '../store/backup.ts';
import { restoreLevelStore } from '../store/level-restore.ts';
import { StoreError } from '../store/store.ts';
import { connect, type ServerFlags, SIGNING_HELP, withServerFlags } from './client.ts';
import { replaceFile } from './replace-file.ts';
import { keepToOwner } from './umask.ts';

/** `tripline backup`. */
export function backupCommand(): Command {
  return withServerFlags(new Command('backup'))
    .description('Write all data of a running server into a file')
    .argument('<file>')
    .addHelpText('after', BACKUP_EXAMPLE)
    .action((file: string, flags: ServerFlags) => backup(file, flags));
}

const BACKUP_EXAMPLE = `
The server keeps running; the backup is its state as of one commit.
${SIGNING_HELP}

Example:
  tripline backup tripline-$(date +%F).gz`;

async function backup(file: string, flags: ServerFlags): Promise<void> {
  const body = await connect(flags).stream('/_tripline/backup');
  try {
    const rows = await replaceFile(file, body, (draft) => count(readBackup(linesOf(draft))));
    process.stdout.write(`Wrote ${rows} rows to ${file}\n`);
  } catch (cause) {
    throw new CommandError(`${file} could not be written: ${writeTrouble(cause)}`, { cause });
  }
}

/** `tripline restore`. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('Restore a backup into a new data directory')
    .argument('<file>')
    .option(
      '--data-dir <directory>',
      'the new directory; it must not exist yet, or be empty',
      './tripline-data',
    )
    .addHelpText('after', RESTORE_EXAMPLE)
    .action((file: string, { dataDir }: { readonly dataDir: string }) => restore(file, dataDir));
}

const RESTORE_EXAMPLE = `
Example:
  tripline backup today.gz
  tripline restore today.gz --data-dir ./restored`;

async function restore(file: string, dataDir: string): Promise<void> {
  checkReadable(file);
  keepToOwner();
  try {
    const rows = await restoreLevelStore(dataDir, readBackup(linesOf(file)));
    process.stdout.write(`Restored ${rows} rows to ${dataDir}\n`);
  } catch (cause) {
    throw new CommandError(`${file} could not be restored: ${(cause as Error).message}`, { cause });
  }
}

/** Rejects with StoreError for a file that is not gzip. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const gunzip = createGunzip();
  // A failure to read ends the lines too; it is reported below.
  const piped = pipeline(createReadStream(file), gunzip);
  piped.catch(() => {});
  try {
    for await (const line of createInterface({ input: gunzip, crlfDelay: Number.POSITIVE_INFINITY }))
      yield line;
    await piped;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'Z_DATA_ERROR')
      throw new StoreError('CORRUPT', 'it is not a backup: it is not in gzip format', { cause });
    if (code === 'Z_BUF_ERROR') throw new StoreError('CORRUPT', `it is truncated: ${message}`, { cause });
    throw cause;
  }
}

async function count(rows: AsyncIterable<unknown>): Promise<number> {
  let counted = 0;
  for await (const _row of rows) counted++;
  return counted;
}
