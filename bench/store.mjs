import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { encodeFrame } from '../dist/store/frame.js';
import { openLevelStore } from '../dist/store/level-store.js';

/**
 * The candidates for the embedded store under the real workload: each commit has the new state of B detectors out of
 * 100,000 (about 450 bytes each) and, for a tenth of them, an outbox row (about 900 bytes), durable before the next
 * begins. Prints messages per second, and the event loop delay (p99).
 */
const SECONDS = 2;
const SIZES = [1, 10, 100, 1000];
const FILLER = 'x'.repeat(300);

let number = 0;
function nextCommit(size) {
  const state = [];
  const rows = [];
  for (let n = 0; n < size; n++) {
    const id = (Math.imul(++number, 2654435761) >>> 0) % 100_000;
    const text = `[null,"Normal",1,1600000000000,${number},{"breached":${number}},[],["P"]]\x1e{"id":"${id}","filler":"${FILLER}"}`;
    state.push([`detector/0000000001/motor-${id}`, text]);
    if (n % 10 === 0)
      rows.push([`action/${String(number).padStart(16, '0')}`, `{"request":"${FILLER}${FILLER}${FILLER}"}`]);
  }
  return { state, rows };
}

const folder = () => mkdtempSync(join(tmpdir(), 'tripline-store-bench-'));

const CANDIDATES = {
  async 'a journal of its own before classic-level (ours)'(path) {
    const store = await openLevelStore(path);
    return { commit: (changes) => store.commit(changes), close: () => store.close() };
  },
  async 'classic-level, a row a detector'(path) {
    const { ClassicLevel } = await import('classic-level');
    const db = new ClassicLevel(path);
    await db.open();
    const put = ([key, value]) => ({ type: 'put', key, value });
    return {
      commit: ({ state, rows }) => db.batch([...state, ...rows].map(put), { sync: true }),
      close: () => db.close(),
    };
  },
  async 'lmdb, one journal row a commit'(path) {
    const { open: openLmdb } = await import('lmdb');
    const db = openLmdb({ path, encoding: 'binary', mapSize: 8 * 2 ** 30 });
    let sequence = 0;
    return {
      commit: async ({ state, rows }) => {
        await db.batch(() => {
          db.put(`j/${String(++sequence).padStart(16, '0')}`, encodeFrame(1, 0, { state }));
          for (const [key, value] of rows) db.put(key, Buffer.from(value));
        });
        await db.flushed;
      },
      close: () => db.close(),
    };
  },
  async 'libsql in a worker, one journal row a commit'(path) {
    const worker = new Worker(new URL('./libsql-worker.mjs', import.meta.url), {
      workerData: join(path, 'db.sqlite'),
    });
    const waiting = [];
    worker.on('message', () => waiting.shift()());
    await new Promise((resolve) => waiting.push(resolve));
    return {
      commit: ({ state, rows }) => {
        const record = encodeFrame(1, 0, { state });
        return new Promise((resolve) => {
          waiting.push(resolve);
          worker.postMessage({ record, rows });
        });
      },
      close: () => {
        const done = new Promise((resolve) => worker.once('exit', resolve));
        worker.postMessage({ close: true });
        return done;
      },
    };
  },
  async 'a preallocated file with fdatasync (the limit)'(path) {
    const file = join(path, 'log');
    const fd = openSync(file, 'w');
    ftruncateSync(fd, 2 ** 31);
    closeSync(fd);
    const handle = await open(file, 'r+');
    let at = 0;
    return {
      commit: async ({ state, rows }) => {
        const record = encodeFrame(1, 0, { state, rows });
        await handle.write(record, 0, record.length, at);
        at += record.length;
        if (at > 2 ** 31 - 2 ** 24) at = 0;
        await handle.datasync();
      },
      close: () => handle.close(),
    };
  },
};

console.log(
  `${'messages/s with a commit of B detectors'.padEnd(50)}${SIZES.map((size) => `B=${size}`.padStart(10)).join('')}   event loop p99 ms at B=100`,
);
for (const [name, start] of Object.entries(CANDIDATES)) {
  const rates = [];
  let delay = 0;
  for (const size of SIZES) {
    const path = folder();
    const candidate = await start(path);
    const monitor = monitorEventLoopDelay({ resolution: 1 });
    // The cost of the loop itself (building the rows) is the same for all; only the commit is awaited.
    const began = performance.now();
    monitor.enable();
    let messages = 0;
    while (performance.now() - began < SECONDS * 1000) {
      await candidate.commit(nextCommit(size));
      messages += size;
    }
    monitor.disable();
    rates.push(messages / ((performance.now() - began) / 1000));
    if (size === 100) delay = monitor.percentile(99) / 1e6;
    await candidate.close();
    if (existsSync(path)) rmSync(path, { recursive: true, force: true });
  }
  console.log(
    `${name.padEnd(50)}${rates.map((rate) => Math.round(rate).toLocaleString('en').padStart(10)).join('')}   ${delay.toFixed(1).padStart(8)}`,
  );
}
