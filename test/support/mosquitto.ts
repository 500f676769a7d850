import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, pause } from './server-process.ts';

const MOSQUITTO = ['/usr/sbin/mosquitto', 'mosquitto'].find(
  (path) => spawnSync(path, ['-h']).error === undefined,
);

/** Debian's broker; `npm test` installs it where possible (scripts/provision-targets.mjs). */
export const hasMosquitto = MOSQUITTO !== undefined;

/** A separate Mosquitto that keeps sessions and retained messages across restarts. */
export class Mosquitto {
  readonly port: number;
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tripline-mosquitto-'));
  #child: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.url = `mqtt://127.0.0.1:${port}`;
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${this.#folder}/`,
      'max_queued_messages 0',
      'max_inflight_messages 100',
      'user root',
      ...settings,
    ];
    writeFileSync(this.#config, lines.map((line) => `${line}\n`).join(''));
  }

  static async start(settings: readonly string[] = []): Promise<Mosquitto> {
    const mosquitto = new Mosquitto(await freePort(), settings);
    await mosquitto.start();
    return mosquitto;
  }

  get #config(): string {
    return join(this.#folder, 'mosquitto.conf');
  }

  async start(): Promise<void> {
    const child = spawn(MOSQUITTO as string, ['-c', this.#config], { stdio: 'ignore' });
    this.#child = child;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
      await pause(20);
    }
  }

  /** Stops it; on SIGTERM it writes its state to disk. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
