import { constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { writeTrouble } from '../load/file-trouble.ts';
import type { LogSink } from '../runtime/evaluation-log.ts';
import type { Log } from '../runtime/log.ts';
import { CommandError } from './usage-error.ts';

/** Bytes that may wait for a slow reader or disk before entries are dropped. */
const MOST_WAITING = 16 * 1024 * 1024;
const STANDARD_OUTPUT = 1;
/** Milliseconds allowed for writing the last entries. */
const CLOSE_TIMEOUT = 1_000;

/**
 * Opens `--evaluation-log`: a file to append to, or `-` for standard output. Evaluations never wait for it. Throws
 * CommandError when the file cannot be opened.
 */
export function openEvaluationLog(destination: string, log: Log): LogSink {
  const stream = pino.destination({
    dest: destination === '-' ? STANDARD_OUTPUT : openFile(destination),
    sync: false,
    maxLength: MOST_WAITING,
  });
  let dropped = 0;
  stream.on('drop', () => {
    dropped++;
    if (dropped === 1) log.error({ destination }, 'the evaluation log cannot keep up: entries are dropped');
  });
  // Logged once until a write succeeds again, since every entry would fail the same way.
  let failing = false;
  stream.on('error', (err) => {
    if (!failing) log.error({ err, destination }, 'the evaluation log cannot be written');
    failing = true;
  });
  stream.on('write', () => {
    failing = false;
  });
  return {
    write: (entry) => void stream.write(`${entry}\n`),
    close: () =>
      new Promise((resolve) => {
        // An unread pipe must not keep the server from ending.
        const overdue = setTimeout(() => {
          stream.destroy();
          resolve();
        }, CLOSE_TIMEOUT);
        stream.once('close', () => clearTimeout(overdue));
        if (dropped > 0) log.error({ destination, dropped }, 'entries of the evaluation log were dropped');
        stream.once('close', resolve);
        // A stream that fails does not finish by itself.
        stream.once('error', () => {
          stream.destroy();
          clearTimeout(overdue);
          resolve();
        });
        stream.end();
      }),
  };
}

/** Opening a FIFO for writing only waits for its reader, and would block the start. */
function isFifo(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}

function openFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, isFifo(path) ? constants.O_RDWR | constants.O_NONBLOCK : 'a');
  } catch (error) {
    const why = writeTrouble(error);
    throw new CommandError(`--evaluation-log ${path} cannot be opened: ${why}`, { cause: error });
  }
}
