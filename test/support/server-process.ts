import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL(process.env.TRIPLINE_BIN ?? '../../bin/tripline.js', import.meta.url));

/** A `tripline serve` in a separate process, run from the build in `dist/`. */
export class ServerProcess {
  readonly url: string;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  output = '';
  /** Limit of file descriptors for the process; undefined for the same as this one. */
  descriptors: number | undefined;
  /** A file for standard error, instead of `output`. */
  stderrTo: string | undefined;

  constructor(port: number, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.url = `http://127.0.0.1:${port}`;
    const broker = args.includes('--mqtt-port') ? [] : ['--mqtt-port', '0'];
    this.#args = ['serve', '--port', String(port), ...broker, ...args];
    this.#env = { ...process.env, ...env };
  }

  /** Starts without waiting. */
  launch(): ChildProcess {
    const command = [process.execPath, BIN, ...this.#args];
    const limited = ['bash', '-c', 'ulimit -n "$0"; exec "$@"', String(this.descriptors), ...command];
    const [program = '', ...args] = this.descriptors === undefined ? command : limited;
    const child = spawn(program, args, {
      env: this.#env,
      stdio: ['ignore', 'pipe', this.stderrTo === undefined ? 'pipe' : openSync(this.stderrTo, 'w')],
    });
    this.#child = child;
    const keep = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    return child;
  }

  /** Starts and waits for `/readyz`. */
  async start(): Promise<void> {
    const child = this.launch();
    const deadline = Date.now() + 60_000;
    while (!(await isReady(this.url))) {
      if (child.exitCode !== null)
        throw new Error(`tripline serve exited with ${child.exitCode}:\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`tripline serve is not ready after 60 s:\n${this.output}`);
      await pause(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Stops reading the process's standard output. */
  abandonOutput(): void {
    this.#child?.stdout?.destroy();
  }

  /** Sends the signal and waits for the exit; resolves with the exit code, null when the signal ended it. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

/** A pause between two polls of a real process; no test may rely on its length. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * A free port. Each test worker has its own range, below the ports that the system assigns to connections, since two
 * concurrent requests could otherwise get the same one. Starts at a random place in the range, so that a server left
 * behind by one test is not mistaken for that of the next.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS; tries++) {
    const port = FIRST_PORT + WORKER * PORTS + (nextPort++ % PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

const FIRST_PORT = 12_000;
const PORTS = 1000;
const WORKER = Number(process.env.VITEST_POOL_ID ?? 0) % 20;
let nextPort = Math.floor(Math.random() * PORTS);

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.once('listening', () => server.close(() => resolve(true)));
  });
  server.listen(port, '127.0.0.1');
  return free;
}
