import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { addCommands } from '../../src/cli/commands.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';

/*
 * The examples of `--help` work when pasted: each runs in bash as printed, including leading blanks, in an empty
 * folder, next to a server with the definitions of `tripline demo`.
 */

const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));

/** Covered by other tests, or not runnable without Restate or another shell. */
const ELSEWHERE = new Set([
  ...['demo', 'completion'],
  ...['worker', 'cluster', 'cluster dev', 'import-state', 'export-state'],
]);

/** Lines that run until interrupted; interrupted once they have printed something. */
const ENDLESS = /^\s*tripline (serve|.*--watch)\b/;

const folder = mkdtempSync(join(tmpdir(), 'tripline-examples-'));
let server: ServerProcess;
let port: number;

beforeAll(async () => {
  port = await freePort();
  // Actions go to an address on which nothing listens.
  server = new ServerProcess(port, ['--history', '--data-dir', join(folder, 'data')], {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}`,
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
  });
  await server.start();
  const client = new ApiClient(server.url);
  const read = (file: string) =>
    JSON.parse(readFileSync(new URL(`../../examples/pump-station/${file}`, import.meta.url), 'utf8'));
  for (const input of read('inputs.json')) await client.call('POST', '/inputs', input);
  for (const file of ['pump-pressure.json', 'pump-heartbeat.json'])
    await client.call('POST', '/detector-models', read(file));
  for (const { ruleName, topicRulePayload } of read('rules.json'))
    await client.call('POST', `/rules/${ruleName}`, topicRulePayload);
  const payload = Buffer.from('{"pumpId":"P-101","sensor":{"pressure":8.8}}').toString('base64');
  await client.call('POST', '/inputs/messages', {
    messages: [{ messageId: 'm', inputName: 'PumpPressure', payload }],
  });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/tripline'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(folder, 'bin/tripline'), 0o755);
});
afterAll(async () => {
  await server.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

/** The name of every command with the lines below `Example:`. */
async function examples(): Promise<Map<string, readonly string[]>> {
  const program = new Command('tripline').exitOverride();
  await addCommands(program, [], () => {});
  const found = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    const lines = help.split('\n');
    const after = lines.slice(lines.findIndex((line) => /^Examples?\b.*:$/.test(line)) + 1 || lines.length);
    const end = after.findIndex((line) => !line.startsWith('  '));
    found.set(path, after.slice(0, end));
    for (const below of command.commands) visit(below, `${path} ${below.name()}`.trim());
  };
  for (const command of program.commands) visit(command, command.name());
  return found;
}

/** Runs a text in bash; an endless one is interrupted once it has printed something. */
async function paste(text: string, cwd: string, isEndless: boolean) {
  const child = spawn('bash', ['-c', `set -e -o pipefail\n${text.replaceAll('9470', String(port))}`], {
    cwd,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      HOME: cwd,
      TRIPLINE_URL: server.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (isEndless) child.kill('SIGTERM');
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code: isEndless && output !== '' && !output.startsWith('tripline:') ? 0 : code, output };
}

test('every command has an example, and it works when pasted', async () => {
  const all = await examples();
  expect(all.size).toBeGreaterThan(30);
  expect([...all].filter(([, lines]) => lines.length === 0).map(([path]) => path)).toEqual([]);
  const failed: object[] = [];
  // Two at a time, since most of the time is spent starting processes.
  const waiting = [...all].filter(([path]) => !ELSEWHERE.has(path));
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [path, lines] = next;
      const cwd = mkdtempSync(join(folder, 'empty-'));
      const endless = lines.filter((line) => ENDLESS.test(line));
      const steps = [lines.filter((line) => !ENDLESS.test(line)).join('\n'), ...endless];
      for (const [index, step] of steps.entries()) {
        // The server of the example runs next to the existing one.
        const text = step.replace(/(tripline serve.*)--port \d+/, '$1--port 0 --mqtt-port 0');
        const { code, output } = await paste(text, cwd, index > 0);
        if (code !== 0) failed.push({ path, text, code, output });
      }
    }
  };
  await Promise.all([worker(), worker()]);
  expect(failed).toEqual([]);
}, 180_000);
