import type { Log } from '../../src/runtime/log.ts';

/** A log that keeps nothing. */
export const quietLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
