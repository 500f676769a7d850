import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The load generator is wrk, which takes little of the processors shared with the servers. */
const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./load.lua', import.meta.url));
const CONNECTIONS = 32;
let runs = 0;

/**
 * Full load over 32 connections: messages per second, and percentiles of a request in milliseconds. `kind` is one of
 * those in load.lua. Rejects when a request is refused, and when wrk is missing.
 */
export async function load(port, kind = 'batch', seconds = 6) {
  if (spawnSync('wrk', ['-v']).error !== undefined)
    throw new Error('The load comes from wrk, which is not installed: apt-get install wrk');
  const url = `http://127.0.0.1:${port}`;
  const id = `r${process.pid}-${++runs}`;
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', SCRIPT, url, '--', kind, id];
  const { stdout } = await run('wrk', args);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1));
  if (result.failed > 0 || result.requests === 0)
    throw new Error(`${kind} to ${port}: ${result.requests} requests, ${result.failed} failed`);
  const { requests, seconds: took, p50, p99, p999 } = result;
  return { messages: (requests * (kind === 'batch' ? 10 : 1)) / took, p50, p99, p999 };
}
