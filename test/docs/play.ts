import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/server-process.ts';
import { type Block, blocksOf } from './page.ts';

const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));

export interface Played {
  readonly block: Block;
  readonly code: number;
  readonly output: string;
}

/**
 * Follows a page in a new folder and home: blocks with `title=FILE` are written to FILE, `sh` blocks run in bash, in
 * order. A line that begins with `tripline serve` (or `npx tripline serve`) starts a server in the background, and the
 * next line waits until it is ready. Ports in the page are replaced by free ones. Stops at the first block that fails.
 */
export async function playPage(path: string): Promise<Played[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-docs-'));
  const ports = { '9470': await freePort(), '1883': await freePort() };
  const replaced = (text: string) =>
    Object.entries(ports).reduce((changed, [from, to]) => changed.replaceAll(from, String(to)), text);
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  const run = `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`;
  writeFileSync(join(bin, 'tripline'), run);
  writeFileSync(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n');
  for (const name of ['tripline', 'npx']) chmodSync(join(bin, name), 0o755);
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    TRIPLINE_URL: `http://127.0.0.1:${ports['9470']}`,
    TRIPLINE_DOCS_PORTS: `--port ${ports['9470']} --mqtt-port ${ports['1883']}`,
  };
  const shell = spawn('bash', ['-s'], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let output = '';
  const ended = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  shell.stdout.on('data', keep);
  shell.stderr.on('data', keep);
  const played: Played[] = [];
  try {
    for (const block of blocksOf(path)) {
      const title = /title=(\S+)/.exec(block.info)?.[1];
      if (title !== undefined) writeFileSync(join(folder, title), replaced(`${block.text}\n`));
      if (block.language !== 'sh') continue;
      const shared = sharedFile(block);
      if (shared !== undefined) {
        copyFileSync(shared, join(folder, /-\w*o (\S+)/.exec(block.text)?.[1] ?? ''));
        continue;
      }
      output = '';
      const mark = `end-of-block-${played.length}`;
      shell.stdin.write(`${scriptOf(replaced(block.text))}\necho "${mark} $?"\n`);
      const end = new RegExp(`${mark} (\\d+)\\n`);
      const code = await until(() => end.exec(output)?.[1], ended);
      played.push({ block, code: Number(code), output: output.replace(end, '') });
      if (code !== '0') break;
    }
  } finally {
    shell.stdin.end();
    if (shell.pid !== undefined) stopGroup(shell.pid);
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  return played;
}

/**
 * The local copy of a download shown on a page: `shared=PATH` names the same file in the shared reference next to the
 * repository, so that no test needs the network.
 */
export function sharedFile({ info }: Block): URL | undefined {
  const path = /shared=(\S+)/.exec(info)?.[1];
  return path === undefined ? undefined : new URL(`../../../shared/${path}`, import.meta.url);
}

/** Ends a shell and its background processes. */
function stopGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // Everything has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const WAIT =
  'for i in $(seq 200); do curl -sf "$TRIPLINE_URL/readyz" >/dev/null && break; sleep 0.1; done; curl -sf "$TRIPLINE_URL/readyz" >/dev/null || { cat server.log; false; }';

/** A block fails with its first failing command; variables it sets are available to the next one. */
function scriptOf(text: string): string {
  const lines = text
    .split('\n')
    .map((line) =>
      /^(npx )?tripline serve\b/.test(line)
        ? `${line} $TRIPLINE_DOCS_PORTS >server.log 2>&1 &\n${WAIT}`
        : line,
    );
  return `{ set -e; ${'\n'}${lines.join('\n')}\n}`;
}

async function until(found: () => string | undefined, ended: Promise<void>): Promise<string> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (;;) {
    const value = found();
    if (value !== undefined) return value;
    // `set -e` has ended the shell.
    if (isOver) return found() ?? '1';
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
