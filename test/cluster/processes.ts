import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pause } from '../support/server-process.ts';

const BIN = fileURLToPath(new URL(process.env.TRIPLINE_BIN ?? '../../bin/tripline.js', import.meta.url));

/** A front or a worker in a separate process, which can be killed and restarted at its port. */
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

  /** Resolves when it reports that it is ready; rejects with its output when it exits before. */
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

  /** Its output, for failure messages. */
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
