import { readFileSync } from 'node:fs';

/*
 * Loaded before a server (`node --import`): its wall clock is as far ahead as the file TRIPLINE_CHAOS_CLOCK says, in
 * milliseconds, as if somebody had set the clock of the machine. Its steady clock goes on as it was.
 */
const file = process.env.TRIPLINE_CHAOS_CLOCK;
const now = Date.now;
let ahead = 0;
const look = () => {
  try {
    ahead = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // It is being written, or no file descriptor is left: then as before.
  }
};
look();
setInterval(look, 50).unref();
Date.now = () => now() + ahead;
globalThis.Date = new Proxy(Date, {
  construct: (target, args) => new target(...(args.length === 0 ? [target.now()] : args)),
});
