import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Command, Option } from 'commander';
import { CommandError } from '../server/usage-error.ts';
import { readBackup } from '../store/backup.ts';
import { restoreLevelStore } from '../store/level-restore.ts';
import { ApiClient } from './client.ts';

/** `tripline backup`. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('Write everything that a running server keeps into a file')
    .argument('<file>')
    .addOption(
      new Option('--url <url>', 'where the server is').env('TRIPLINE_URL').default('http://127.0.0.1:9470'),
    )
    .addHelpText('after', BACKUP_EXAMPLE)
    .action((file: string, { url }: { readonly url: string }) => backup(file, url));
}

const BACKUP_EXAMPLE = `
The server goes on; the backup is its state as of one commit. A server with --credentials wants
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of one of its keys.

Example:
  tripline backup /backups/tripline-$(date +%F).gz`;

async function backup(file: string, url: string): Promise<void> {
  const body = await new ApiClient(url, process.env).stream('/_tripline/backup');
  // Under its name only when it is whole and on the disk; nobody else may read it.
  const writing = `${file}.writing`;
  try {
    await pipeline(Readable.fromWeb(body as never), createWriteStream(writing, { mode: 0o600, flush: true }));
    const rows = await count(readBackup(linesOf(writing)));
    await rename(writing, file);
    process.stdout.write(`${rows} rows in ${file}\n`);
  } catch (cause) {
    await rm(writing, { force: true });
    throw new CommandError(`${file} could not be written: ${(cause as Error).message}`, { cause });
  }
}

/** `tripline restore`. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('Make a data directory of a backup')
    .argument('<file>')
    .option('--data-dir <directory>', 'where to; not there yet, or empty', './tripline-data')
    .addHelpText('after', RESTORE_EXAMPLE)
    .action((file: string, { dataDir }: { readonly dataDir: string }) => restore(file, dataDir));
}

const RESTORE_EXAMPLE = `
Example:
  tripline restore /backups/tripline-2026-11-23.gz --data-dir /var/lib/tripline
  tripline serve --data-dir /var/lib/tripline`;

async function restore(file: string, dataDir: string): Promise<void> {
  try {
    const rows = await restoreLevelStore(dataDir, readBackup(linesOf(file)));
    process.stdout.write(`${rows} rows in ${dataDir}\n`);
  } catch (cause) {
    throw new CommandError(`${file} could not be restored: ${(cause as Error).message}`, { cause });
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const gunzip = createGunzip();
  // What goes wrong while reading ends the lines with its error.
  const piped = pipeline(createReadStream(file), gunzip);
  piped.catch(() => {});
  for await (const line of createInterface({ input: gunzip, crlfDelay: Number.POSITIVE_INFINITY }))
    yield line;
  await piped;
}

async function count(rows: AsyncIterable<unknown>): Promise<number> {
  let counted = 0;
  for await (const _row of rows) counted++;
  return counted;
}
