import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { RestateNode } from '../cluster/restate-server.ts';
import { writeTrouble } from '../load/file-trouble.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { stopSignal } from './stopping.ts';

/** `tripline cluster`. */
export function clusterCommand(): Command {
  return new Command('cluster')
    .description('Try a cluster on this machine (docs/cluster.md)')
    .addCommand(devCommand())
    .addHelpText('after', EXAMPLE);
}

const EXAMPLE = `
Example:
  npm install --prefix cluster
  tripline cluster dev`;

function devCommand(): Command {
  return new Command('dev')
    .description('Start three nodes of Restate, two workers and a front')
    .option('--nodes <number>', 'nodes of Restate', '3')
    .option('--workers <number>', 'workers', '2')
    .option('--port <number>', 'port of the API', '9470')
    .option('--data-dir <directory>', 'where Restate keeps its data', './tripline-cluster')
    .addHelpText('after', EXAMPLE)
    .action((flags: Readonly<Record<'nodes' | 'workers' | 'port' | 'dataDir', string>>) => dev(flags));
}

/** Ports of one node. */
const PORTS = 3;
const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));

async function dev(
  flags: Readonly<Record<'nodes' | 'workers' | 'port' | 'dataDir', string>>,
): Promise<never> {
  const nodes = wholeNumber('--nodes', flags.nodes, 1);
  const workers = wholeNumber('--workers', flags.workers, 1);
  const port = wholeNumber('--port', flags.port, 1);
  const stop = new AbortController();
  const stopped = stopSignal().then(() => stop.abort());
  const { freePorts, restateBinary, startRestate } = await import('../cluster/restate-server.ts');
  const { startBalancer } = await import('../cluster/balancer.ts');
  const binary = restateBinary();
  if (binary === undefined)
    throw new CommandError('Restate\u2019s server is not installed. Run: npm install --prefix cluster');
  try {
    mkdirSync(flags.dataDir, { recursive: true });
  } catch (cause) {
    throw new CommandError(`--data-dir ${flags.dataDir} cannot be written: ${writeTrouble(cause)}`, {
      cause,
    });
  }
  const ports = await portsOf(flags.dataDir, nodes, freePorts);
  say(`starting Restate (${nodes}); its logs are ${join(flags.dataDir, '*.log')}`);
  const servers = await startRestate(binary, flags.dataDir, nodes, { ports, signal: stop.signal }).catch(
    (cause: Error) => {
      if (stop.signal.aborted) process.exit(0);
      throw new CommandError(cause.message, { cause });
    },
  );
  const all = (urlOf: (node: RestateNode) => string) => servers.nodes.map(urlOf).join(',');
  const where = [
    ...['--restate-ingress', all(({ ingressUrl }) => ingressUrl)],
    ...['--restate-admin', all(({ adminUrl }) => adminUrl)],
    ...['--actions', 'record'],
  ];
  const run = (...args: string[]) =>
    spawn(process.execPath, [BIN, ...args, ...where], { stdio: ['ignore', 'inherit', 'inherit'] });
  const workerPorts = await freePorts(workers);
  const balancer = await startBalancer(workerPorts);
  const children = workerPorts.map((each) =>
    run('worker', '--port', String(each), '--advertise', balancer.url),
  );
  children.push(run('serve', '--engine', 'restate', '--port', String(port)));
  void untilReady(`http://127.0.0.1:${port}`, stop.signal);
  const ends = children.map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
  await Promise.race([stopped, ...ends]);
  const isFailure = !stop.signal.aborted;
  stop.abort();
  if (isFailure) say('one of the processes has exited; the others are stopped');
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ends);
  await balancer.close();
  await servers.stop();
  process.exit(isFailure ? 1 : 0);
}

/**
 * The ports of the nodes: with existing data they must not change, since the nodes know each other by them. Throws
 * CommandError when the data belongs to another number of nodes.
 */
async function portsOf(
  dataDir: string,
  nodes: number,
  freePorts: (count: number) => Promise<number[]>,
): Promise<readonly number[]> {
  const file = join(dataDir, 'ports.json');
  if (!existsSync(file)) {
    const ports = await freePorts(nodes * PORTS);
    writeFileSync(file, `${JSON.stringify(ports)}\n`);
    return ports;
  }
  const ports = JSON.parse(readFileSync(file, 'utf8')) as readonly number[];
  const had = ports.length / PORTS;
  if (had !== nodes)
    throw new CommandError(
      `${dataDir} belongs to a cluster of ${had} node(s): add --nodes ${had}, or use another --data-dir`,
    );
  return ports;
}

/** Prints the address of the front as soon as it answers. */
async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`${url}/readyz`, { signal }).catch(() => undefined);
    if (response?.ok === true) {
      say(
        `the API and the console are at ${url}; actions are recorded, not sent. Press Ctrl-C to stop everything.`,
      );
      return;
    }
    await wait(200, undefined, { signal }).catch(() => {});
  }
}

/** Throws UsageError. */
function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least)
    throw new UsageError(`${flag} must be a whole number of at least ${least}: ${text}`);
  return number;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
