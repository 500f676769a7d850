import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { UsageError } from '../server/usage-error.ts';
import { parseTime } from '../simulate/times.ts';
import { connect, type ServerFlags, SIGNING_HELP, withCredentialFlags } from './client.ts';

interface Flags extends Omit<ServerFlags, 'url'> {
  readonly from?: string;
  readonly to?: string;
  readonly inputName?: string;
}

/** `tripline history`. */
export function historyCommand(): Command {
  return withCredentialFlags(new Command('history'))
    .description('Print the messages that a server started with --history has accepted, as NDJSON')
    .argument('<url>', 'address of the server')
    .option('--from <time>', 'the earliest time, inclusive')
    .option('--to <time>', 'the latest time, exclusive')
    .option('--input-name <name>', 'only the messages of this input')
    .addHelpText('after', EXAMPLE)
    .action((url: string, flags: Flags) => history(url, flags));
}

const EXAMPLE = `
Oldest first, a line for each message. A time is ISO 8601, or a number of seconds or milliseconds since the epoch.
${SIGNING_HELP}

Exit code 1 when the server keeps no history.

Example, with a server started by "tripline demo --history":
  tripline history http://127.0.0.1:9470 > messages.ndjson
  tripline export http://127.0.0.1:9470 > models.json
  tripline simulate models.json --messages messages.ndjson --summary`;

async function history(url: string, { from, to, inputName, ...flags }: Flags): Promise<void> {
  const query = new URLSearchParams();
  for (const [flag, name, text] of [
    ['--from', 'from', from],
    ['--to', 'to', to],
  ] as const) {
    if (text === undefined) continue;
    const time = parseTime(text);
    if (time === undefined)
      throw new UsageError(
        `${flag} ${text} is not a time: write 2025-01-31T12:00:00Z, or a number since the epoch`,
      );
    query.set(name, new Date(time).toISOString());
  }
  if (inputName !== undefined) query.set('inputName', inputName);
  const search = query.size === 0 ? '' : `?${query}`;
  const body = await connect({ url, ...flags }).stream(`/_tripline/history${search}`);
  await pipeline(body, process.stdout, { end: false });
}
