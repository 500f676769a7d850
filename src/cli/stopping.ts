import type { Log } from '../runtime/log.ts';

/** Resolves at the first signal to stop; a second one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}

/**
 * Waits for a signal to stop, closes the server, and ends the process: with exit code 0 after `seconds` at the latest,
 * whatever is open. Work that is not finished by then was not acknowledged, or is durable and starts again at the next start.
 */
export async function stopAtSignal(close: () => Promise<void>, seconds: number, log: Log): Promise<never> {
  const signal = await stopSignal();
  log.info({ signal }, 'stopping');
  setTimeout(() => {
    log.warn(
      { seconds },
      'not everything could be closed in time (--stop-timeout); accepted messages are durable',
    );
    process.exit(0);
  }, seconds * 1000);
  try {
    await close();
  } catch (error) {
    log.error({ err: error }, 'the server could not be closed cleanly; accepted messages are durable');
    process.exit(1);
  }
  log.info({}, 'stopped');
  // An open connection does not keep the process alive.
  process.exit(0);
}

/** The server survives SIGHUP, whether a terminal was closed or an operator wants files to be read again. */
export function outliveHangup(log: Log): void {
  process.on('SIGHUP', () => log.info({}, 'SIGHUP: watched files are read again'));
}
