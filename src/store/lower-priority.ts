import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** Of -20 to 19; the main thread usually has 0. */
const PRIORITY = 10;

/**
 * Gives the calling thread less of the processors than others that need them, so that what has time does not delay
 * answers. Does nothing where threads have no priority of their own, or the system does not allow it.
 */
export function lowerPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    // Names the thread that asks: <process>/task/<thread>.
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), PRIORITY);
  } catch {
    // It is only about who comes first.
  }
}
