import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { listen } from '../dist/api/http-server.js';
import { parseJson } from '../dist/core/expression/json.js';
import { apiFront } from './api-front.mjs';

/**
 * The physical limit: the same protocol code reads, checks and parses each message; the raw bytes are appended to a
 * preallocated file with one write and one fdatasync for all waiting requests, which are then answered.
 *
 *     node appending-server.mjs PORT FILE [direct]
 *
 * Node's HTTP server reads the requests; with `direct`, ordinary ones are taken as Tripline does (docs/decisions/025).
 */
const MEGABYTES = 512;
const file = openSync(process.argv[3], 'w+');
const zeros = Buffer.alloc(1024 * 1024);
for (let n = 0; n < MEGABYTES; n++) writeSync(file, zeros, 0, zeros.length, n * zeros.length);

let at = 0;
let waiting = [];
let isSyncing = false;

function append(bytes) {
  return new Promise((resolve) => {
    waiting.push({ bytes, resolve });
    if (!isSyncing) sync();
  });
}

function sync() {
  isSyncing = true;
  const group = waiting;
  waiting = [];
  const bytes = Buffer.concat(group.flatMap((each) => each.bytes));
  if (at + bytes.length > MEGABYTES * zeros.length) at = 0;
  writeSync(file, bytes, 0, bytes.length, at);
  at += bytes.length;
  fdatasync(file, (error) => {
    if (error) throw error;
    for (const { resolve } of group) resolve();
    isSyncing = false;
    if (waiting.length > 0) sync();
  });
}

const handlers = {
  BatchPutMessage: async ({ messages }) => {
    for (const { payload } of messages)
      if (!parseJson(payload.toString('utf8')).ok) throw new Error('no JSON');
    await append(messages.map(({ payload }) => payload));
    return { BatchPutMessageErrorEntries: [] };
  },
};
const { listener, direct } = apiFront(handlers);
await listen(
  { host: '127.0.0.1', port: Number(process.argv[2]) },
  listener,
  process.argv[4] === 'direct' ? direct : undefined,
);
process.on('SIGTERM', () => {
  closeSync(file);
  process.exit(0);
});
