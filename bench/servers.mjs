import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Shared by the benchmarks that start servers. */
export const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The size of the young generation as in the image and the systemd unit; all compared servers get it. */
export const AS_SHIPPED = { NODE_OPTIONS: '--max-semi-space-size=64' };

/**
 * Writes a configuration for loads that last, and returns its path: it keeps the ids of five minutes at the highest rates
 * here, where the default suffices for 13,000 messages a second.
 */
export function configForLongLoad(folder) {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ limits: { dedupeEntries: 50_000_000 } }));
  return path;
}

/** Starts a server and waits until it answers. */
export async function start(script, args, port, env = {}) {
  const options = { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } };
  const child = spawn(process.execPath, [script, ...args], options);
  for (let tries = 0; tries < 1200; tries++) {
    try {
      // Servers without /readyz answer with another status.
      if ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 503) return child;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${script} is not ready`);
}

/** Ends servers, and waits until they have exited. */
export async function stop(servers) {
  const ended = servers.map((server) => new Promise((resolve) => server.on('exit', resolve)));
  for (const server of servers) server.kill('SIGTERM');
  await Promise.all(ended);
}

export async function call(port, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/**
 * Compares two series measured in the same rounds: their medians, and the median, minimum and maximum of the ratios
 * within the rounds.
 */
export function beside(ours, others) {
  const ratios = ours.map((figure, round) => figure / others[round]);
  return {
    ours: median(ours),
    other: median(others),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}
