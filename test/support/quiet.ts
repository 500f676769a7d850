import type { Log } from '../../src/runtime/log.ts';

export const quietLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
