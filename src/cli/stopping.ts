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
 * whatever is open. What is not finished by then was not acknowledged, or is durable and begins anew at the next start.
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
  // A connection that somebody holds open does not keep the process.
  process.exit(0);
}

/** A terminal that goes away, or an operator who asks for files to be read again, does not end the server. */
export function outliveHangup(log: Log): void {
  process.on('SIGHUP', () => log.info({}, 'SIGHUP: watched files are read again'));
}
