import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pause } from '../support/server-process.ts';

const BIN = fileURLToPath(new URL(process.env.TRIPLINE_BIN ?? '../../bin/tripline.js', import.meta.url));

/** A front or a worker in a process of its own, which may be killed and started again at its port. */
export class ClusterProcess {
  readonly url: string;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(
    command: 'serve' | 'worker',
    port: number,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ) {
    this.url = `http://127.0.0.1:${port}`;
    const engine = command === 'serve' ? ['--engine', 'restate'] : [];
    this.#args = [command, ...engine, '--port', String(port), ...args];
    this.#env = { ...process.env, ...env };
  }

  /** Resolves when it says that it is ready; rejects with what it says when it ends before. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [BIN, ...this.#args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000);
      });
    const until = Date.now() + 90_000;
    while (!/\bready\b/.test(this.#output)) {
      const isOver = child.exitCode !== null || Date.now() > until;
      if (isOver) throw new Error(`tripline ${this.#args[0]} does not get ready:\n${this.#output}`);
      await pause(20);
    }
  }

  /** What it has said, for a failure. */
  get output(): string {
    return this.#output;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
