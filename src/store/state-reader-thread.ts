import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ClassicLevel } from 'classic-level';
import { type PackedRows, RowPacker } from './packed-rows.ts';
import { readState } from './scan-state.ts';
import { checkTables } from './tables/check.ts';
import { failureOf, type ThreadFailure } from './thread-failure.ts';

/**
 * The script of a thread that verifies the tables of the directory, says so, waits for a message, and sends the state rows. It
 * waits for one message for each group of rows, and ends. state-reader.ts starts it.
 */
export type ReaderReply =
  | { readonly isVerified: true }
  | { readonly rows: PackedRows }
  | { readonly isEnd: true }
  | { readonly failure: ThreadFailure };

/**
 * Groups of rows, of 1 MB at most, that are sent before they are taken: some rows take longer here, and others there.
 */
const AHEAD = 16;

const directory = workerData as string;
const port = parentPort as MessagePort;
const send = (reply: ReaderReply) => port.postMessage(reply);

try {
  await checkTables(directory);
  const asked = once(port, 'message');
  send({ isVerified: true });
  await asked;
  await sendRows();
  send({ isEnd: true });
} catch (error) {
  send({ failure: failureOf(error) });
}
port.close();

async function sendRows(): Promise<void> {
  let ahead = 0;
  let resume = () => {};
  port.on('message', () => {
    ahead--;
    resume();
  });
  const db = new ClassicLevel<string, string>(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  await db.open({ multithreading: true });
  const packer = new RowPacker();
  for await (const group of readState(db)) {
    send({ rows: packer.pack(group) });
    if (++ahead < AHEAD) continue;
    await new Promise<void>((resolve) => {
      resume = resolve;
    });
  }
  await db.close();
}
