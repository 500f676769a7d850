import { readFileSync } from 'node:fs';

/*
 * Loaded before a server (`node --import`): shifts its wall clock by the milliseconds in the file TRIPLINE_CHAOS_CLOCK,
 * as if somebody had set the machine's clock. The steady clock is not affected.
 */
const file = process.env.TRIPLINE_CHAOS_CLOCK;
const now = Date.now;
let ahead = 0;
const look = () => {
  try {
    ahead = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // The file is being written, or no file descriptor is left: keep the last value.
  }
};
look();
setInterval(look, 50).unref();
Date.now = () => now() + ahead;
globalThis.Date = new Proxy(Date, {
  construct: (target, args) => new target(...(args.length === 0 ? [target.now()] : args)),
});
