import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { lastGoodPython, missingPython, python } from '../support/python.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';
import { blocksOf } from './page.ts';

/** The samples run as printed, on a machine without any AWS settings. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

let folder: string;
let server: ServerProcess;
let client: ApiClient;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-samples-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(ROOT, 'node_modules/@aws-sdk'), join(folder, 'node_modules/@aws-sdk'));
  symlinkSync(ROOT, join(folder, 'node_modules/tripline'));
  env = { PATH: process.env.PATH, HOME: folder };
  const flags = ['--data-dir', join(folder, 'data'), '--actions', 'record', '--log-level', 'warn'];
  server = new ServerProcess(await freePort(), flags);
  await server.start();
  client = new ApiClient(server.url);
  await prepare('PumpPressure', 'pumpId');
});

afterAll(async () => {
  await server.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

/** An input, and a model with a detector for each message on it. */
async function prepare(inputName: string, key: string): Promise<void> {
  const attributes = [{ jsonPath: key }];
  await client.call('POST', '/inputs', { inputName, inputDefinition: { attributes } });
  await model(`On${inputName}`, inputName, key);
}

async function model(detectorModelName: string, inputName: string, key: string): Promise<void> {
  const condition = `currentInput("${inputName}")`;
  const onInput = { events: [{ eventName: 'seen', condition, actions: [] }] };
  await client.call('POST', '/detector-models', {
    detectorModelName,
    key,
    roleArn: 'arn:aws:iam::000000000000:role/Sample',
    detectorModelDefinition: { initialStateName: 'A', states: [{ stateName: 'A', onInput }] },
  });
}

async function detectorsOf(name: string): Promise<string[]> {
  const { detectorSummaries } = await client.call('GET', `/detectors/${name}`);
  return (detectorSummaries as { keyValue: string }[]).map(({ keyValue }) => keyValue);
}

function sample(page: string, language: string, containing: string): string {
  const block = blocksOf(page).find((each) => each.language === language && each.text.includes(containing));
  if (block === undefined) throw new Error(`${page} has no ${language} sample with ${containing}`);
  return block.text.replaceAll('http://127.0.0.1:9470', server.url);
}

async function runScript(name: string, text: string): Promise<void> {
  writeFileSync(join(folder, name), text);
  await run(process.execPath, [join(folder, name)], { cwd: folder, env });
}

describe('README.md', () => {
  test('the TypeScript sample puts a message', async () => {
    await runScript('readme.mjs', sample('README.md', 'ts', '@aws-sdk/client-iot-events-data'));
    expect(await detectorsOf('OnPumpPressure')).toEqual(['P-101']);
  });
});

describe('docs/clients.md', () => {
  test('the sample for the AWS SDK lists inputs', async () => {
    await runScript('sdk.mjs', sample('docs/clients.md', 'ts', '@aws-sdk/client-iot-events'));
  });

  test("the sample for Tripline's own client puts a message", async () => {
    await runScript('own.mjs', sample('docs/clients.md', 'ts', 'tripline/client'));
  });

  const missing = missingPython('boto3');
  test.skipIf(missing !== undefined)(
    `the boto3 sample puts a message${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      const shell = sample('docs/clients.md', 'sh', 'service-model --data-path').replace(
        'tripline ',
        `'${process.execPath}' '${join(ROOT, 'bin/tripline.js')}' `,
      );
      const script = sample('docs/clients.md', 'python', 'import boto3');
      writeFileSync(join(folder, 'sample.py'), script);
      await run('bash', ['-ec', `${shell}\n'${python}' sample.py`], { cwd: folder, env });
      await model('OnI', 'I', 'id');
      const { inputSummaries } = await client.call('GET', '/inputs');
      expect(inputSummaries).toContainEqual(expect.objectContaining({ inputName: 'I' }));
    },
  );

  const formerMissing = missingPython('boto3', lastGoodPython);
  test.skipIf(formerMissing !== undefined)(
    'the boto3 sample runs on the last boto3 that knows the service too',
    async () => {
      const script = sample('docs/clients.md', 'python', 'import boto3').replaceAll('"I"', '"J"');
      writeFileSync(join(folder, 'former.py'), script);
      await run(lastGoodPython, ['former.py'], { cwd: folder, env });
    },
  );
});
