import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { VERSION } from '../../src/server/version.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';

const BIN = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));

const hasScript = spawnSync('script', ['--version']).status === 0;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command until it exits. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

async function occupy(): Promise<{ port: string; server: Server }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { port: String(typeof address === 'object' ? address?.port : 0), server };
}

describe('wrong use is exit code 2 and says what is wrong', () => {
  test.each([
    [['serve', '--bogus'], "unknown option '--bogus'"],
    [['serve', '--port', 'abc'], '--port must be a port number'],
    [['serve', '--actions', 'maybe'], "argument 'maybe' is invalid"],
    [['serve', '--region', 'nowhere'], '--region must be a region'],
    [['serve', '--account-id', '12'], '--account-id must be an account id'],
    [['serve', '--mqtt-url', 'broker'], '--mqtt-url must be a URL'],
    [['serve', '--host', '0.0.0.0'], '--insecure'],
    [['serve', '--config', 'none.json'], '--config none.json cannot be read'],
    [['nonsense'], "unknown command 'nonsense'"],
  ])('%j', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test.each([
    ['{"prot": 1}', 'prot in the configuration file is not a setting; did you mean port?'],
    ['{"limits": {"inptus": 1}}', 'limits.inptus is not a limit; did you mean inputs?'],
    ['{"limits": {"inputs": "many"}}', 'limits.inputs must be a whole number'],
    ['{', 'is not JSON'],
    ['[]', 'is not a JSON object'],
  ])('a configuration file with %s', async (content, message) => {
    writeFileSync(join(folder, 'tripline.config.json'), content);
    const { code, stderr } = await run('serve');
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('what is taken is said, with the way out', () => {
  test.each([
    ['--port', '--mqtt-port'],
    ['--mqtt-port', '--port'],
  ])('a taken %s', async (flag, other) => {
    const { port, server } = await occupy();
    const { code, stderr } = await run(
      'serve',
      flag,
      port,
      other,
      String(await freePort()),
      '--data-dir',
      folder,
    );
    server.close();
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is in use`);
    expect(stderr).toContain(flag);
    expect(code).toBe(1);
  });

  test('a data directory in use', async () => {
    const dataDir = join(folder, 'data');
    const server = new ServerProcess(await freePort(), ['--data-dir', dataDir]);
    await server.start();
    const { code, stderr } = await run('serve', '--port', '0', '--mqtt-port', '0', '--data-dir', dataDir);
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(stderr).toContain(`The data directory ${dataDir} is in use`);
    expect(code).toBe(1);
  });
});

test('a Node.js that is too old is told in one line', async () => {
  const old =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })";
  const child = spawn(process.execPath, [
    '--import',
    `data:text/javascript,${encodeURIComponent(old)}`,
    BIN,
    'status',
  ]);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(child, 'close');
  expect(errors).toMatch(/^tripline: Node\.js 20\.19 or later is required; this is \S+\n$/);
  expect(code).toBe(2);
});

test.each(['--version', '-v', 'version'])('%s prints the version', async (flag) => {
  expect(await run(flag)).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
});

describe('the log', () => {
  const serving = (...before: string[]) => {
    const args = [
      ...before,
      BIN,
      'serve',
      '--port',
      '0',
      '--mqtt-port',
      '0',
      '--data-dir',
      join(folder, 'data'),
    ];
    return [process.execPath, ...args, '--actions', 'record'] as const;
  };

  /** The output of a server until `isEnough`; then it is stopped. */
  async function printed([command, ...args]: readonly string[], isEnough: (text: string) => boolean) {
    const child = spawn(command ?? '', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let isStopped = false;
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      if (!isStopped && isEnough(text)) isStopped = child.kill('SIGTERM');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    await once(child, 'close');
    return text;
  }

  test('is JSON in a pipe, line by line, also when a library warns; its ready line says what there is', async () => {
    // Like the AWS SDK's warning about an old version of Node.js.
    const warn =
      "setTimeout(() => process.emitWarning('will require\\nnode >=22', 'NodeVersionSupportWarning'), 1)";
    const isTaken = "!process.listeners('warning').includes(first)";
    const repeated = `const [first] = process.listeners('warning'); setInterval(() => ${isTaken} && ${warn}, 20).unref()`;
    const text = await printed(
      serving('--import', `data:text/javascript,${encodeURIComponent(repeated)}`),
      (text) => text.includes('"msg":"ready"') && text.includes('node >=22'),
    );
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ warning }) => warning !== undefined)).toMatchObject([
      { level: 40, warning: 'NodeVersionSupportWarning', msg: 'will require\nnode >=22' },
    ]);
    expect(lines.find(({ msg }) => msg === 'ready')).toMatchObject({
      version: VERSION,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      actions: 'record',
      inputs: 0,
      detectorModels: 0,
      alarmModels: 0,
      detectors: 0,
      alarms: 0,
    });
  });

  test.skipIf(!hasScript)('is for people on a terminal (skipped where there is no script)', async () => {
    const command = serving()
      .map((part) => `'${part}'`)
      .join(' ');
    const text = await printed(['script', '-qefc', command, '/dev/null'], (text) => text.includes('ready'));
    expect(text).toMatch(/^\S*\[\d\d:\d\d:\d\d\.\d+\S* .*INFO.*ready/m);
    expect(text).not.toContain('{"level"');
  });
});

test('help shows an example', async () => {
  const { code, stdout } = await run('serve', '--help');
  expect(stdout).toContain('Example:');
  expect(stdout).toContain('--data-dir');
  expect(code).toBe(0);
});

test('service-model prints a plane, writes both, and says what it needs', async () => {
  const { code, stdout } = await run('service-model', 'iotevents-data');
  expect([code, JSON.parse(stdout).metadata.serviceId]).toEqual([0, 'IoT Events Data']);
  const written = await run('service-model', '--data-path', join(folder, 'models'));
  expect(written).toMatchObject({ code: 0, stdout: '' });
  const read = (path: string) => readFileSync(join(folder, 'models', path), 'utf8');
  expect(read('iotevents-data/2018-10-23/service-2.json')).toBe(stdout);
  expect(JSON.parse(read('iotevents/2018-07-27/service-2.json')).metadata.serviceId).toBe('IoT Events');
  for (const args of [[], ['iotevents', '--data-path', folder], ['sns']]) {
    expect(await run('service-model', ...args)).toMatchObject({ code: 2, stdout: '' });
  }
  const blocked = await run(
    'service-model',
    '--data-path',
    join(folder, 'models/iotevents/2018-07-27/service-2.json'),
  );
  expect(blocked).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be written') });
});

test('the evaluation log is on standard output, or in the file that the flag names', async () => {
  const path = join(folder, 'evaluations.log');
  for (const [data, flags, logged] of [
    ['first', [], (server: ServerProcess) => server.output],
    ['second', ['--evaluation-log', path], () => readFileSync(path, 'utf8')],
  ] as const) {
    const server = new ServerProcess(await freePort(), [
      '--data-dir',
      join(folder, data),
      '--actions',
      'record',
      ...flags,
    ]);
    await server.start();
    const client = new ApiClient(server.url);
    const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
    await client.put(['/inputs'], ['PUT', '/inputs/I'], { inputName: 'I', inputDefinition });
    await client.put(['/detector-models'], ['POST', '/detector-models/M'], publishing('$input.I.none'));
    const loggingOptions = { roleArn: 'r', level: 'ERROR', enabled: true };
    await client.call('PUT', '/logging', { loggingOptions });
    await put(client, '{"id":"a","w":1}');
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(logged(server)).toMatch(/^\{"timestamp":.*"level":"ERROR",.*"detectorModelName":"M"/m);
  }
});

test('a configuration file is used, and flags win over it', async () => {
  const port = await freePort();
  const config = { port: 1, region: 'eu-west-1', accountId: '123456789012', limits: { inputs: 1 } };
  writeFileSync(join(folder, 'own.json'), JSON.stringify(config));
  const server = new ServerProcess(port, ['--data-dir', folder, '--config', join(folder, 'own.json')]);
  await server.start();
  const client = new ApiClient(server.url);
  const inputDefinition = { attributes: [{ jsonPath: 'a' }] };
  const { inputConfiguration } = await client.call('POST', '/inputs', { inputName: 'One', inputDefinition });
  expect(inputConfiguration).toMatchObject({
    inputArn: 'arn:aws:iotevents:eu-west-1:123456789012:input/One',
  });
  await expect(client.call('POST', '/inputs', { inputName: 'Two', inputDefinition })).rejects.toThrow(
    'the limit 1',
  );
  expect(await server.stop('SIGINT')).toBe(0);
});

test('everything is there again after SIGTERM, which is exit code 0', async () => {
  const port = await freePort();
  const server = new ServerProcess(port, ['--data-dir', folder, '--actions', 'record']);
  await server.start();
  const client = new ApiClient(server.url);
  await client.call('POST', '/inputs', {
    inputName: 'I',
    inputDefinition: { attributes: [{ jsonPath: 'id' }] },
  });
  await client.call('POST', '/detector-models', publishing("'x'"));
  await put(client, '{"id":"a","w":30.0}');
  expect(await server.stop('SIGTERM')).toBe(0);
  expect(server.output).toContain('"msg":"stopped"');
  await server.start();
  const response = await fetch(`${server.url}/detectors/M/keyValues?keyValue=a`);
  expect(await response.json()).toMatchObject({
    detector: { state: { stateName: 'A', variables: [{ name: 'w', value: '30.0' }] } },
  });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('tripline_detectors 1');
  expect(await server.stop('SIGTERM')).toBe(0);
});

test('iotTopicPublish arrives at a subscriber of the embedded broker', async () => {
  const mqttPort = await freePort();
  const server = new ServerProcess(await freePort(), ['--data-dir', folder, '--mqtt-port', String(mqttPort)]);
  await server.start();
  const subscriber = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`);
  try {
    await subscriber.subscribeAsync('plant/#');
    const received = new Promise<[string, Buffer]>((resolve) => {
      subscriber.once('message', (topic, payload) => resolve([topic, payload]));
    });
    const client = new ApiClient(server.url);
    await client.call('POST', '/inputs', {
      inputName: 'I',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
    });
    await client.call('POST', '/detector-models', publishing("'plant/' + $input.I.id"));
    await put(client, '{"id":"p1","w":1.5}');
    const [topic, payload] = await received;
    expect(topic).toBe('plant/p1');
    expect(payload.toString()).toBe('w is 1.5');
  } finally {
    await subscriber.endAsync();
    expect(await server.stop('SIGTERM')).toBe(0);
  }
});

test('the demonstration shows changes, reasons and actions, and ends', async () => {
  const ports = ['--port', '0', '--mqtt-port', String(await freePort())];
  const { code, stdout } = await run('demo', '--once', ...ports);
  // Separate from the data of `tripline serve` in the same folder.
  expect(readdirSync(folder)).toEqual(['tripline-demo']);
  expect(stdout).toContain('topic rule     PumpPressure: SELECT topic(2) AS pumpId');
  expect(stdout).toContain('PumpPressure P-103: Normal -> Overpressure');
  expect(stdout).toContain('with $input.PumpPressure.sensor.pressure = 8.4');
  expect(stdout).toMatch(/action {2}"Tell the operator": sns Publish .*"Pump P-103 is at 8.4 bar"/);
  expect(stdout).toContain('PumpHeartbeat P-102: Online -> Silent');
  expect(stdout).toContain('Overpressure -> Normal');
  expect(code).toBe(0);
}, 60_000);

function publishing(mqttTopic: string) {
  return {
    detectorModelName: 'M',
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/M',
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        {
          stateName: 'A',
          onInput: {
            events: [
              {
                eventName: 'e',
                condition: 'currentInput("I")',
                actions: [
                  { setVariable: { variableName: 'w', value: '$input.I.w' } },
                  {
                    iotTopicPublish: {
                      mqttTopic,
                      payload: { type: 'STRING', contentExpression: "'w is ${$variable.w}'" },
                    },
                  },
                ],
              },
            ],
          },
        },
      ],
    },
  };
}

async function put(client: ApiClient, payload: string): Promise<void> {
  const messages = [{ messageId: 'm1', inputName: 'I', payload: Buffer.from(payload).toString('base64') }];
  const answer = await client.call('POST', '/inputs/messages', { messages });
  expect(answer.BatchPutMessageErrorEntries).toEqual([]);
}
