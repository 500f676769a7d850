import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { missingPython, runPython } from '../support/python.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Current boto3 and AWS CLI, which no longer include AWS IoT Events, with the service models that we print. */
let server: TestServer;
let folder: string;
let env: NodeJS.ProcessEnv;

const withoutBoto3 = missingPython('boto3');
const withoutCli = missingPython('awscli');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tripline-python-'));
  server = await startTestServer({}, { evaluationLog: join(folder, 'evaluations.log') });
  const models = join(folder, 'models');
  expect(await main(['node', 'tripline', 'service-model', '--data-path', models])).toBe(0);
  env = {
    AWS_DATA_PATH: models,
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: join(folder, 'config'),
    HOME: folder,
  };
});

afterAll(async () => {
  await server.dispose();
  await rm(folder, { recursive: true });
});

describe.skipIf(withoutBoto3)(
  `boto3${withoutBoto3 === undefined ? '' : ` (skipped: ${withoutBoto3})`}`,
  () => {
    test('lives through a detector model', async () => {
      const walk = fileURLToPath(new URL('python/walk.py', import.meta.url));
      const { boto3: _, ...seen } = JSON.parse(await runPython([walk, server.url], env));
      const inputArn = 'arn:aws:iotevents:us-east-1:000000000000:input/WalkInput';
      expect(seen).toEqual({
        created: [201, inputArn, 'datetime'],
        exists: ['WalkInput', inputArn, expect.stringContaining('Input of name: WalkInput already exists')],
        tags: [{ key: 'line', value: '' }],
        'analysis errors': [],
        model: ['1', 'ACTIVATING'],
        routings: ['Walk'],
        logging: true,
        refused: [['2', 'ResourceNotFoundException']],
        detector: ['High', [{ name: 'seen', value: '31.5' }]],
        timer: 'datetime',
        detectors: ['a', 'b'],
        'not found': 404,
        invalid: true,
        'checked by the client': true,
        'in use': true,
        deleted: 204,
        left: [],
      });
      const log = await readFile(join(folder, 'evaluations.log'), 'utf8');
      const entries = log
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(entries.filter(({ level }) => level === 'DEBUG')).toMatchObject([
        { detectorModelName: 'Walk', keyValue: 'a', initialState: 'Normal', finalState: 'High' },
      ]);
    });

    test.each([
      ['AWS_ENDPOINT_URL', true, true],
      ['AWS_ENDPOINT_URL_IOTEVENTS', true, false],
      ['AWS_ENDPOINT_URL_IOTEVENTS_DATA', false, true],
      ['AWS_ENDPOINT_URL_IOT_EVENTS', false, false],
    ])('takes the endpoint of a rescued service from %s', async (name, control, data) => {
      const code = `import boto3; print([boto3.client(s).meta.endpoint_url for s in ("iotevents", "iotevents-data")])`;
      const printed = await runPython(['-c', code], { ...env, [name]: server.url });
      expect(printed.trim()).toBe(
        `['${control ? server.url : 'https://iotevents.us-east-1.amazonaws.com'}', ` +
          `'${data ? server.url : 'https://data.iotevents.us-east-1.amazonaws.com'}']`,
      );
    });
  },
);

describe.skipIf(withoutCli)(
  `the AWS CLI${withoutCli === undefined ? '' : ` (skipped: ${withoutCli})`}`,
  () => {
    const aws = (...args: string[]) => {
      const { AWS_DATA_PATH: _, ...own } = env;
      return runPython(['-m', 'awscli', ...args], { ...own, AWS_ENDPOINT_URL: server.url });
    };

    test('has the commands back after "aws configure add-model"', async () => {
      await expect(aws('iotevents', 'list-inputs')).rejects.toThrow(/[Ii]nvalid choice/);
      for (const [service, version] of [
        ['iotevents', '2018-07-27'],
        ['iotevents-data', '2018-10-23'],
      ]) {
        const model = join(env.AWS_DATA_PATH ?? '', service ?? '', version ?? '', 'service-2.json');
        await aws(
          'configure',
          'add-model',
          '--service-name',
          service ?? '',
          '--service-model',
          `file://${model}`,
        );
      }
      const definition = '{"attributes":[{"jsonPath":"id"}]}';
      await aws('iotevents', 'create-input', '--input-name', 'CliInput', '--input-definition', definition);
      const { inputSummaries } = JSON.parse(await aws('iotevents', 'list-inputs'));
      expect(inputSummaries).toMatchObject([{ inputName: 'CliInput', status: 'ACTIVE' }]);
      const messages = '[{"messageId":"cli","inputName":"CliInput","payload":"{}"}]';
      const put = await aws('iotevents-data', 'batch-put-message', '--messages', messages);
      expect(JSON.parse(put)).toEqual({ BatchPutMessageErrorEntries: [] });
      await aws('iotevents', 'delete-input', '--input-name', 'CliInput');
    });
  },
);
