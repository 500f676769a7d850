import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../support/server-process.ts';

/*
 * The package made by `npm pack`, in an empty folder with only its declared dependencies: it serves, shows its console,
 * and has every command.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tripline-package-'));
const own = join(folder, 'node_modules/tripline');
const run = promisify(execFile);
let server: ChildProcess | undefined;

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['xzf', join(folder, packed.trim()), '-C', own, '--strip-components=1']);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly link?: boolean }>>;
  };
  for (const [path, { dev, link }] of Object.entries(lock.packages)) {
    const isBelow = path.lastIndexOf('node_modules/') > 0;
    if (!path.startsWith('node_modules/') || isBelow || dev || link || !existsSync(join(ROOT, path)))
      continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
}, 60_000);
afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

async function tripline(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(own, 'bin/tripline.js'), ...args], { cwd: folder });
  return stdout;
}

test('holds what it is documented to hold, and nothing of the workshop', () => {
  for (const path of [
    'README.md',
    'LICENSE',
    'docs/start.md',
    'schemas/scenario.schema.json',
    'deploy',
    'templates',
  ])
    expect(existsSync(join(own, path)), path).toBe(true);
  for (const path of ['src', 'test', 'bench', 'console/src'])
    expect(existsSync(join(own, path)), path).toBe(false);
});

test('every command has its help', { timeout: 120_000 }, async () => {
  const help = await tripline('--help');
  const names = [...help.matchAll(/^ {2}([a-z][a-z-]*) .*/gm)].map(([, name = '']) => name);
  const commands = names.filter((name) => name !== 'help');
  expect(commands.length).toBeGreaterThan(20);
  // In one process, since this only checks that each command finds its modules.
  writeFileSync(
    join(folder, 'help.mjs'),
    `import { main } from './node_modules/tripline/dist/cli/main.js';
for (const name of process.argv.slice(2)) if ((await main(['node', 'tripline', name, '--help'])) !== 0) process.exit(1);
`,
  );
  const { stdout } = await run(process.execPath, ['help.mjs', ...commands], { cwd: folder });
  for (const name of commands) expect(stdout).toContain(`Usage: tripline ${name}`);
});

test('serves, takes a template, and shows its detector and its console', { timeout: 120_000 }, async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    'serve',
    '--port',
    String(port),
    '--mqtt-port',
    '0',
    '--actions',
    'record',
    '--data-dir',
    'data',
  ];
  server = spawn(process.execPath, [join(own, 'bin/tripline.js'), ...flags], {
    cwd: folder,
    stdio: 'ignore',
  });
  const isReady = async () => expect((await fetch(`${url}/readyz`)).status).toBe(200);
  await vi.waitFor(isReady, { timeout: 60_000, interval: 50 });
  await tripline('init', 'threshold', 'pump');
  await tripline('import', 'pump', '--apply', url);
  await tripline('put', 'Reading', '{"sensorId":"s1","value":81}', '--url', url);
  expect(await tripline('detectors', 'Threshold', 's1', '--url', url)).toContain('above');
  const page = await (await fetch(`${url}/console/`)).text();
  const [, script = ''] = /src="([^"]+\.js)"/.exec(page) ?? [];
  expect((await fetch(new URL(script, `${url}/console/`))).status).toBe(200);
  server.kill('SIGTERM');
  expect(await once(server, 'exit')).toEqual([0, null]);
});

test('is imported by its names', { timeout: 60_000 }, async () => {
  writeFileSync(
    join(folder, 'names.mjs'),
    `import { createSimulation, scenarios } from 'tripline/testing';
import * as client from 'tripline/client';
import schema from 'tripline/schemas/scenario.schema.json' with { type: 'json' };
console.log(typeof createSimulation, typeof scenarios, Object.keys(client).length > 0, schema.$schema !== undefined);
`,
  );
  const { stdout } = await run(process.execPath, ['names.mjs'], { cwd: folder });
  expect(stdout).toBe('function function true true\n');
});
