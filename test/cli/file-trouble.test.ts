import { execFileSync } from 'node:child_process';
import { chmodSync, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-files-'));
  mkdirSync(join(folder, 'folder.json'));
  writeFileSync(join(folder, 'file'), '{}');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const THRESHOLD = fileURLToPath(new URL('../../templates/threshold', import.meta.url));
const SERVE = ['serve', '--port', '0', '--mqtt-port', '0', '--data-dir', 'new'];

const PLACES = /^(missing|folder\.json|file|new)(\/|$)/;

/** Runs a command with the paths of `PLACES` in the folder of the test. */
function run(args: readonly string[]) {
  const at = (argument: string) => argument.replace(/^@/, '');
  return runCli(
    ...args.map((each) => (PLACES.test(at(each)) ? each.replace(at(each), join(folder, at(each))) : each)),
  );
}

describe('a file that cannot be read is wrong use, and the reason is in words', () => {
  test.each<[string[]]>([
    [['import', 'missing']],
    [['import', '--sample', 'I=missing']],
    [['simulate', 'missing']],
    [['simulate', THRESHOLD, '--messages', 'missing']],
    [['analyze', 'missing']],
    [['backtest', THRESHOLD, 'missing', '--message', '{}']],
    [['test', 'missing']],
    [['test', '--generate', 'missing']],
    [['put', 'I', '@missing']],
    [['put', 'I', '{}', '--ca', 'missing']],
    [['rules', 'put', 'missing']],
    [['rules', 'test', '--topic', 'a', '--payload', '{}', '--file', 'missing']],
    [['rules', 'test', '--topic', 'a', '--payload', '@missing', '--sql', "SELECT * FROM 'a'"]],
    [['restore', 'missing', '--data-dir', 'new']],
    [[...SERVE, '--config', 'missing']],
    [[...SERVE, '--credentials', 'missing']],
    [[...SERVE, '--recipients', 'missing']],
    [[...SERVE, '--devices', 'missing']],
    [[...SERVE, '--tls-cert', 'missing', '--tls-key', 'missing']],
    [[...SERVE, '--mqtt-url', 'mqtts://localhost', '--mqtt-ca', 'missing']],
  ])('%j', async (args) => {
    const { code, out, err } = await run(args);
    expect(err).toMatch(/missing cannot be (read|used): there is no such file or folder\n$/);
    expect(err).not.toMatch(/ENOENT|data directory/);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test.each<[string[]]>([
    [['simulate', THRESHOLD, '--messages', 'folder.json']],
    [['put', 'I', '@folder.json']],
    [['rules', 'put', 'folder.json']],
    [['restore', 'folder.json', '--data-dir', 'new']],
    [[...SERVE, '--config', 'folder.json']],
    [[...SERVE, '--credentials', 'folder.json']],
  ])('a folder in place of a file: %j', async (args) => {
    const { code, err } = await run(args);
    expect(err).toMatch(/folder\.json cannot be (read|used): it is a folder, not a file\n$/);
    expect(code).toBe(2);
  });
});

describe('a file that cannot be written is named, with the reason in words', () => {
  test.each<[string[], string]>([
    [
      ['test', '--generate', THRESHOLD, '--out', 'missing/a.yaml'],
      'there is no such folder; create it first',
    ],
    [['test', THRESHOLD, '--junit', 'missing/a.xml'], 'there is no such folder; create it first'],
    [['test', THRESHOLD, '--coverage-json', 'folder.json'], 'it is a folder, not a file'],
    [['analyze', THRESHOLD, '--sarif', 'missing/a.sarif'], 'there is no such folder; create it first'],
    [['import', THRESHOLD, '--out', 'file'], 'a part of its path is a file, not a folder'],
    [['service-model', '--data-path', 'file'], 'a part of its path is a file, not a folder'],
    [['init', 'threshold', 'file'], 'there is a file of that name already'],
    [['init', 'threshold', 'file/a'], 'a part of its path is a file, not a folder'],
    [
      ['serve', '--data-dir', 'file/a', '--port', '0'],
      'it, or a part of its path, is a file and not a folder',
    ],
  ])('%j', async (args, reason) => {
    const { code, err } = await run(args);
    expect(err).toContain(`: ${reason}`);
    expect(err).not.toMatch(/ENOENT|EISDIR|ENOTDIR|EEXIST|\n {4}at /);
    expect(code).toBeGreaterThan(0);
  });
});

// Root may read everything.
describe.skipIf(process.getuid?.() === 0)('a folder that may not be read', () => {
  test.each<[string[], number]>([
    [['test', 'folder.json'], 2],
    [['import', 'folder.json'], 2],
    [['export', '--data-dir', 'folder.json'], 2],
    [['serve', '--data-dir', 'folder.json', '--port', '0'], 1],
  ])('%j', async (args, expected) => {
    chmodSync(join(folder, 'folder.json'), 0);
    const { code, err } = await run(args);
    expect(err).toMatch(/folder\.json cannot be read: permission is denied/);
    expect(code).toBe(expected);
  });
});

test.each<[string[]]>([
  [['simulate', '-', '--messages', '-']],
  [['simulate', THRESHOLD, '--messages', '-', '--messages', '-']],
  [['simulate', THRESHOLD, '--messages', '-', '--interactive']],
  [['backtest', '-', THRESHOLD, '--messages', '-']],
  [['import', '-', '-']],
  [['analyze', '-', '--input', '-']],
])('standard input is read once: %j', async (args) => {
  const { code, out, err } = await run(args);
  expect(err).toMatch(/Standard input can be read only once|typed on standard input: nothing else can/);
  expect({ code, out }).toEqual({ code: 2, out: '' });
});

test('a folder without models is named', async () => {
  const { code, err } = await run(['simulate', 'folder.json']);
  expect(err).toBe(
    `tripline: There is no detector model and no alarm model in ${join(folder, 'folder.json')}\n`,
  );
  expect(code).toBe(1);
});

test('a pipe is read once, whatever its messages are read for', async () => {
  const pipe = join(folder, 'messages.ndjson');
  execFileSync('mkfifo', [pipe]);
  const written = createWriteStream(pipe);
  for (const time of [30, 10, 20]) written.write(`{"time":${time},"payload":{"sensorId":"s1","value":81}}\n`);
  written.end();
  const { out } = await runCli('simulate', THRESHOLD, '--messages', pipe, '--json');
  const summary = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
  expect(summary).toMatchObject({ type: 'summary', messages: 3, evaluations: 3 });
});
