import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';

/** `tripline actions` against a server whose targets do not exist. */
const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tripline-actions-'));
let server: ServerProcess;

beforeAll(async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const env = { AWS_ENDPOINT_URL: nowhere, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 'secret-of-mine' };
  server = new ServerProcess(await freePort(), ['--data-dir', folder], env);
  await server.start();
  const client = new ApiClient(server.url);
  const inputDefinition = { attributes: [{ jsonPath: 'id' }, { jsonPath: 'n' }] };
  await client.call('POST', '/inputs', { inputName: 'I', inputDefinition });
  const actions = [
    { sqs: { queueUrl: 'http://127.0.0.1/0/alerts' } },
    { dynamoDBv2: { tableName: '$input.I.n' } },
  ];
  const events = [{ eventName: 'report', condition: 'currentInput("I")', actions }];
  await client.call('POST', '/detector-models', {
    detectorModelName: 'Pumps',
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    detectorModelDefinition: { initialStateName: 'A', states: [{ stateName: 'A', onInput: { events } }] },
  });
  for (const id of ['p1', 'p2']) {
    const payload = Buffer.from(JSON.stringify({ id, n: 7 })).toString('base64');
    await client.call('POST', '/inputs/messages', { messages: [{ messageId: id, inputName: 'I', payload }] });
  }
});

afterAll(async () => {
  expect(await server.stop('SIGTERM')).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, TRIPLINE_URL: server.url };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [BIN, 'actions', ...args],
      { env, timeout: 30_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

async function list(
  ...args: string[]
): Promise<{ actionExecutionId: string; status: string; keyValue: string }[]> {
  const { stdout, code } = await run('list', '--json', ...args);
  expect(code).toBe(0);
  return JSON.parse(stdout).actions;
}

test('the list shows what waits and what failed, with the reason', async () => {
  const { stdout, code } = await run('list');
  expect(code).toBe(0);
  const [head, ...lines] = stdout.trim().split('\n');
  expect(head).toMatch(/^TIME +STATUS +TRIES +DETECTOR OR ALARM +EVENT +TARGET +ID$/);
  expect(lines.filter((line) => line.includes('FAILED'))).toHaveLength(2);
  expect(
    lines.filter((line) => /PENDING .*Pumps\/p\d +report +sqs\/http:\/\/127.0.0.1\/0\/alerts/.test(line)),
  ).toHaveLength(2);
  expect(stdout).toContain('The tableName of the dynamoDBv2 action');
  expect((await run('list', '--limit', '1')).stdout).toContain('There are more');
  expect((await run('list', '--model', 'Other')).stdout).toBe('No actions match.\n');
});

test('status names the target that is down, and the command that shows why', async () => {
  const shown = async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [BIN, 'status', '--url', server.url]);
    expect(stdout).toMatch(
      / {2}target down: sqs\/\S+ \("tripline actions list --status PENDING" shows why\)\n/,
    );
  };
  await vi.waitFor(shown, { timeout: 30_000, interval: 200 });
});

test('filters go through to the server', async () => {
  expect(await list('--status', 'FAILED', '--key', 'p1')).toMatchObject([
    { status: 'FAILED', keyValue: 'p1' },
  ]);
  expect(await list('--type', 'sqs', '--target', 'sqs/http://127.0.0.1/0/alerts')).toHaveLength(2);
});

test('what cannot be sent again is refused with the reason, and skipped among many', async () => {
  const [failed] = await list('--status', 'FAILED', '--key', 'p1');
  const { code, stderr } = await run('redrive', failed?.actionExecutionId ?? '');
  expect(code).toBe(1);
  expect(stderr).toContain('has no request to send');
  expect((await run('redrive', '--all')).stdout).toBe(
    '0 sent again, 2 skipped because they have no request\n',
  );
});

test('failed ones are given up, one and all; the others stay', async () => {
  const [failed] = await list('--status', 'FAILED', '--key', 'p1');
  expect((await run('discard', failed?.actionExecutionId ?? '')).stdout).toContain('discarded');
  expect((await run('discard', '--all')).stdout).toBe(
    '1 discarded, 0 skipped because they are in progress\n',
  );
  expect((await list()).map(({ status }) => status)).toEqual(['PENDING', 'PENDING']);
});

test.each([
  [['redrive'], 2, 'Name an actionExecutionId to redrive, or --all'],
  [['redrive', 'x', '--all'], 2, 'or --all'],
  [['discard', 'x', '--key', 'p1'], 2, 'Filters can only be used with --all'],
  [['list', '--limit', '0'], 2, '--limit must be a whole number'],
  [['list', '--status', 'DONE'], 2, "argument 'DONE' is invalid"],
  [['redrive', '00000000-0000-3000-8000-000000000000'], 1, 'not found'],
  [['redrive', 'abc'], 1, 'abc not found'],
  [['discard', 'abc'], 1, 'abc not found'],
  [['list', '--url', 'http://127.0.0.1:9'], 1, 'Start one with "tripline serve"'],
] as const)('%j is exit code %i and says why', async (args, expected, message) => {
  const { code, stderr } = await run(...args);
  expect(stderr).toContain(message);
  expect(code).toBe(expected);
});

test('the log tells of each failure, never of credentials', () => {
  expect(server.output).toContain('"msg":"action will be tried again"');
  expect(server.output).toContain('ECONNREFUSED');
  expect(server.output).not.toContain('secret-of-mine');
});
