import { type DestinationStream, pino } from 'pino';
import type { Log } from '../runtime/log.ts';
import type { ServeConfig } from './config.ts';

/** Structured logs, one JSON line each, on standard error unless `to` is given. */
export function createLog(level: ServeConfig['logLevel'], to?: DestinationStream): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    to ?? surviving(pino.destination({ dest: STANDARD_ERROR, sync: true, maxLength: MOST_WAITING })),
  );
}

const STANDARD_ERROR = 2;
/** Bytes of lines that may wait while nothing can be written, before new ones are dropped. */
const MOST_WAITING = 1024 * 1024;

/** A full disk or a vanished reader costs log lines, but does not stop the server. */
function surviving<Stream extends DestinationStream & { on(event: 'error', listener: () => void): unknown }>(
  stream: Stream,
): Stream {
  stream.on('error', () => {});
  return stream;
}

/** The log of a process: readable text when standard error is a terminal, otherwise JSON lines. */
export async function openLog(level: ServeConfig['logLevel']): Promise<Log> {
  if (process.stderr.isTTY !== true) return createLog(level);
  const { default: pretty } = await import('pino-pretty');
  const colorize = !process.env.NO_COLOR;
  return createLog(
    level,
    surviving(
      pretty({
        destination: STANDARD_ERROR,
        sync: true,
        colorize,
        singleLine: true,
        translateTime: 'SYS:HH:MM:ss.l',
      }),
    ),
  );
}

/**
 * Logs warnings of Node.js and libraries instead of printing plain text between the lines. Each warning is logged once.
 */
export function logWarnings(log: Log): void {
  const seen = new Set<string>();
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (seen.has(message)) return;
    seen.add(message);
    log.warn({ warning: name }, message);
  });
}
