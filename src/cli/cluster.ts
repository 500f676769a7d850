import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { RestateNode } from '../cluster/restate-server.ts';
import { CommandError } from '../server/usage-error.ts';
import { stopSignal } from './stopping.ts';
import { keepToOwner } from './umask.ts';

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

const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));

async function dev({ nodes, workers, port, dataDir }: Readonly<Record<string, string>>): Promise<void> {
  keepToOwner();
  const { freePorts, restateBinary, startRestate } = await import('../cluster/restate-server.ts');
  const { startBalancer } = await import('../cluster/balancer.ts');
  const binary = restateBinary();
  if (binary === undefined)
    throw new CommandError('Restate\u2019s server is not installed. Run: npm install --prefix cluster');
  mkdirSync(dataDir ?? '', { recursive: true });
  say(`starting ${nodes} nodes of Restate`);
  const servers = await startRestate(binary, dataDir ?? '', Number(nodes));
  const all = (urlOf: (node: RestateNode) => string) => servers.nodes.map(urlOf).join(',');
  const where = [
    ...['--restate-ingress', all(({ ingressUrl }) => ingressUrl)],
    ...['--restate-admin', all(({ adminUrl }) => adminUrl)],
    ...['--actions', 'record'],
  ];
  const run = (...args: string[]) =>
    spawn(process.execPath, [BIN, ...args, ...where], { stdio: ['ignore', 'inherit', 'inherit'] });
  const workerPorts = await freePorts(Number(workers));
  const balancer = await startBalancer(workerPorts);
  const children = workerPorts.map((each) =>
    run('worker', '--port', String(each), '--advertise', balancer.url),
  );
  children.push(run('serve', '--engine', 'restate', '--port', port ?? '9470'));
  say(
    `the API and the console are at http://127.0.0.1:${port}; actions are recorded, not sent. Press Ctrl-C to stop everything.`,
  );
  const ended = children.map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
  await Promise.race([stopSignal(), ...ended]);
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ended);
  await balancer.close();
  await servers.stop();
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
