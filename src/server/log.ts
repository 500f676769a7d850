import { type DestinationStream, pino } from 'pino';
import type { Log } from '../runtime/log.ts';
import type { ServeConfig } from './config.ts';

/** Structured logs, one JSON line each, on standard error unless `to` is given. */
export function createLog(level: ServeConfig['logLevel'], to?: DestinationStream): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    to ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** The log of a process: for people where standard error is a terminal, JSON lines everywhere else. */
export async function openLog(level: ServeConfig['logLevel']): Promise<Log> {
  if (process.stderr.isTTY !== true) return createLog(level);
  const { default: pretty } = await import('pino-pretty');
  const colorize = !process.env.NO_COLOR;
  return createLog(
    level,
    pretty({ destination: 2, sync: true, colorize, singleLine: true, translateTime: 'SYS:HH:MM:ss.l' }),
  );
}

/**
 * Sends what Node.js and libraries warn of to the log, in place of plain text between its lines. Each warning is
 * logged once.
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
