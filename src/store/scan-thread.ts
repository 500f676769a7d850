import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ClassicLevel } from 'classic-level';
import { scanState } from './scan-state.ts';
import { failureOf, type ThreadFailure } from './thread-failure.ts';

/**
 * The script of a thread that reads and verifies state rows; scan-in-thread.ts starts it with the directory. It sends
 * rows, waits for one message for each group of them, and ends.
 */
export type ScanReply =
  /** Keys and values in turn. */
  { readonly rows: readonly string[] } | { readonly failure: ThreadFailure } | { readonly end: true };

/**
 * Groups of rows, of 1 MB at most, that are sent before they are taken: some rows take longer here, and others there.
 */
const AHEAD = 16;

const port = parentPort as MessagePort;
const send = (reply: ScanReply) => port.postMessage(reply);
let ahead = 0;
let resume = () => {};
port.on('message', () => {
  ahead--;
  resume();
});

const db = new ClassicLevel<string, string>(workerData as string, {
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
});
try {
  await db.open({ multithreading: true });
  let rows: string[] = [];
  const visit = (key: string, value: string) => void rows.push(key, value);
  await scanState(db, visit, async () => {
    send({ rows });
    rows = [];
    if (++ahead >= AHEAD)
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
  });
  await db.close();
  send({ end: true });
} catch (error) {
  send({ failure: failureOf(error) });
}
port.close();
