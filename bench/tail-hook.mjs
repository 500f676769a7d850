import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { RuntimeMetrics } from '../dist/runtime/metrics.js';

/**
 * Loaded into a server before its own code (`node --import`): records when each cause delayed requests, and writes
 * `[cause, from, to]` in milliseconds since the epoch to the file of TRIPLINE_TAIL when the process ends.
 */
const spans = [];
const note = (cause, from, to) =>
  spans.push([cause, performance.timeOrigin + from, performance.timeOrigin + to]);

const KINDS = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'scavenge',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'mark-compact',
};
new PerformanceObserver((list) => {
  for (const { startTime, duration, detail } of list.getEntries())
    note(KINDS[detail.kind] ?? 'other collections', startTime, startTime + duration);
}).observe({ entryTypes: ['gc'] });

const { fdatasync } = fs;
fs.fdatasync = (file, done) => {
  const began = performance.now();
  fdatasync(file, (error) => {
    note('sync', began, performance.now());
    done(error);
  });
};
const { writeSync } = fs;
fs.writeSync = (...args) => {
  const began = performance.now();
  const written = writeSync(...args);
  note('write', began, performance.now());
  return written;
};
syncBuiltinESMExports();

// The work that the server measures itself: turns, journal, large bodies.
const { work } = RuntimeMetrics.prototype;
RuntimeMetrics.prototype.work = function (part, milliseconds) {
  const now = performance.now();
  note(part, now - milliseconds, now);
  work.call(this, part, milliseconds);
};

// Any other work on the event loop: a timer of one millisecond that fires late.
let last = performance.now();
let delayed = runDelay();
setInterval(() => {
  const now = performance.now();
  const delay = runDelay();
  if (now - last > 3) {
    note('event loop', last + 1, now);
    note('of that no processor', last + 1, Math.min(now, last + 1 + delay - delayed));
  }
  last = now;
  delayed = delay;
}, 1).unref();

/** Milliseconds that this thread was ready to run but had no processor; 0 where the kernel does not say. */
function runDelay() {
  try {
    return Number(fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

// Threads of the server load this too.
if (isMainThread)
  process.on('exit', () => fs.writeFileSync(process.env.TRIPLINE_TAIL, JSON.stringify(spans)));
