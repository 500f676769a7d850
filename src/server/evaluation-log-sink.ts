import { constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { LogSink } from '../runtime/evaluation-log.ts';
import type { Log } from '../runtime/log.ts';
import { CommandError } from './usage-error.ts';

/** Bytes that may wait for a slow reader or disk before entries are dropped. */
const MOST_WAITING = 16 * 1024 * 1024;
const STANDARD_OUTPUT = 1;
/** Milliseconds that the last entries have for being written. */
const CLOSE_TIMEOUT = 1_000;

/**
 * Opens `--evaluation-log`: a file that lines are appended to, or `-` for standard output. Evaluations never wait
 * for it. Throws CommandError when the file cannot be opened.
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
  // Said once until something can be written again: every entry would say the same.
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
        // What nobody reads does not keep the server from ending.
        const overdue = setTimeout(() => {
          stream.destroy();
          resolve();
        }, CLOSE_TIMEOUT);
        stream.once('close', () => clearTimeout(overdue));
        if (dropped > 0) log.error({ destination, dropped }, 'entries of the evaluation log were dropped');
        stream.once('close', resolve);
        // A stream that cannot be written does not come to its end.
        stream.once('error', () => {
          stream.destroy();
          clearTimeout(overdue);
          resolve();
        });
        stream.end();
      }),
  };
}

/** To open a FIFO for writing alone waits for its reader, and so would every start. */
function isFifo(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}

function openFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, isFifo(path) ? constants.O_RDWR | constants.O_NONBLOCK : 'a');
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new CommandError(`--evaluation-log ${path} cannot be opened: ${why}`, { cause: error });
  }
}
