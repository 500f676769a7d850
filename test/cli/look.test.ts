import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { main } from '../../src/cli/main.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { countingModel } from '../support/service.ts';

/** The commands that inspect a running server, against a real one. */
let server: TestServer;
let folder: string;
let output = '';
let errors = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-look-'));
  server = await startTestServer();
  const client = new ApiClient(server.url);
  const attributes = [{ jsonPath: 'id' }, { jsonPath: 'level' }];
  await client.call('POST', '/inputs', { inputName: 'Level', inputDefinition: { attributes } });
  await client.call('POST', '/detector-models', countingModel('Counter', 'Level'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});
afterEach(() => {
  output = '';
  errors = '';
});
afterAll(async () => {
  vi.restoreAllMocks();
  await server.dispose();
  rmSync(folder, { recursive: true });
});

const tripline = (...args: string[]) => main(['node', 'tripline', ...args]);
const at = (...args: string[]) => tripline(...args, '--url', server.url);

test('a message that is put shows in the detector, with its variables', async () => {
  expect(await at('put', 'Level', '{"id":"tank-1","level":30.0}', '--message-id', 'm-1')).toBe(0);
  expect(output).toBe('Accepted as m-1\n');
  // Repeated with the same id it counts once.
  await at('put', 'Level', '{"id":"tank-1","level":30.0}', '--message-id', 'm-1');
  output = '';
  expect(await at('detectors', 'Counter')).toBe(0);
  expect(output).toMatch(/^KEY {5}STATE {5}CREATED .*\ntank-1 {2}Counting .*\n1 detector\n$/);
  output = '';
  expect(await at('detectors', 'Counter', 'tank-1')).toBe(0);
  expect(output).toMatch(/^Counter tank-1: Counting\n/);
  expect(output).toContain('Variables\n  n  1\n');
  expect(output).toContain('Timers\n  none\n');
  const [, last = ''] = output.split('\nLast evaluations\n');
  expect(last).toMatch(/^ {2}20\S+Z {2}new Counting {2}Level \{"id":"tank-1","level":30.0\}\n/);
  expect(last).toContain('    variable  n: undefined -> 1\n');
  output = '';
  await at('detectors', 'Counter', 'tank-1', '--json');
  expect(JSON.parse(output)).toMatchObject({
    detector: { keyValue: 'tank-1' },
    evaluations: [{ to: 'Counting', trigger: { inputName: 'Level', messageId: 'm-1' } }],
  });
});

test('a payload comes from a file, and is sent as it was written', async () => {
  const file = join(folder, 'reading.json');
  writeFileSync(file, '{"id":"tank-2","level":1.0}');
  expect(await at('put', 'Level', `@${file}`)).toBe(0);
  output = '';
  expect(await at('detectors', 'Counter', 'tank-2', '--json')).toBe(0);
  expect(JSON.parse(output).detector).toMatchObject({ keyValue: 'tank-2', state: { stateName: 'Counting' } });
});

test('inputs, models and status list what there is', async () => {
  expect(await at('inputs')).toBe(0);
  expect(output).toMatch(/^INPUT {2}ATTRIBUTES .*\nLevel {2}id, level /);
  output = '';
  expect(await at('models')).toBe(0);
  expect(output).toMatch(/\nCounter {2}detector model {2}1 {8}ACTIVE {2}id /);
  output = '';
  expect(await at('status')).toBe(0);
  expect(output).toMatch(/^Tripline \d+\.\d+\.\d+ is ready\n {2}1 input, 1 detector model, 0 alarm models\n/);
  output = '';
  expect(await at('status', '--json')).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ ready: true, inputs: 1, detectorModels: 1, alarms: 0 });
  output = '';
  expect(await at('alarms')).toBe(0);
  expect(output).toBe('There are no alarms.\n');
});

test('status does not pass metrics that it may not read off as zeros', async () => {
  const credentials = join(folder, 'keys.json');
  const Statement = [{ Effect: 'Allow', Action: 'iotevents:*', Resource: '*' }];
  const key = { accessKeyId: 'AKIAVIEWER', secretAccessKey: 'viewer', policy: { Statement } };
  writeFileSync(credentials, JSON.stringify({ credentials: [key] }));
  const guarded = await startTestServer({}, { credentials });
  vi.stubEnv('AWS_ACCESS_KEY_ID', key.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', key.secretAccessKey);
  try {
    expect(await tripline('status', '--url', guarded.url)).toBe(1);
    expect(errors).toMatch(
      /^tripline: Tripline is ready; its metrics cannot be read: User: .* tripline:GetMetrics/,
    );
    expect(output).toBe('');
  } finally {
    vi.unstubAllEnvs();
    await guarded.dispose();
  }
});

test('an alarm shows why it is in its state, and one that is disabled how it is enabled', async () => {
  const client = new ApiClient(server.url);
  const alarm = (alarmModelName: string, disabledOnInitialization: boolean) => ({
    alarmModelName,
    key: 'id',
    severity: 3,
    roleArn: 'arn:aws:iam::000000000000:role/A',
    alarmRule: {
      simpleRule: { inputProperty: '$input.Level.level', comparisonOperator: 'GREATER', threshold: '30' },
    },
    alarmCapabilities: { initializationConfiguration: { disabledOnInitialization } },
  });
  await client.call('POST', '/alarm-models', alarm('Off', true));
  await client.call('POST', '/alarm-models', alarm('High', false));
  await at('put', 'Level', '{"id":"tank-3","level":31}');
  output = '';
  expect(await at('alarms', 'High', 'tank-3')).toBe(0);
  expect(output).toMatch(/^High tank-3: ACTIVE\nversion 1, severity 3, created \S+Z, updated \S+Z\n/);
  expect(output).toContain('\nWhy\n  rule  31 GREATER 30\n');
  output = '';
  await at('alarms', 'Off', 'tank-3');
  expect(output).toMatch(/^Off tank-3: DISABLED\n/);
  expect(output).toContain('until it is enabled');
  await client.call('POST', '/alarms/snooze', {
    snoozeActionRequests: [
      { requestId: 'r', alarmModelName: 'High', keyValue: 'tank-3', snoozeDuration: 60 },
    ],
  });
  output = '';
  await at('alarms', 'High', 'tank-3');
  expect(output).toContain('  operator  SNOOZE {"snoozeDuration":60}');
});

describe('what goes wrong is said, and changes the exit code', () => {
  test.each([
    [['put', 'Nope', '{}'], 1, 'ResourceNotFoundException: Input of name: Nope not found'],
    [['put', 'Level', '{x'], 2, 'The payload is not JSON'],
    [['put', 'Level', '@nowhere.json'], 2, 'nowhere.json cannot be read'],
    [['detectors', 'Nope'], 1, 'ResourceNotFoundException: Detector model of name: Nope not found'],
    [['models', '--watch', '0'], 2, '--watch must be a number of seconds above 0'],
    [['models', '--timeout', '0'], 2, '--timeout must be a number of seconds'],
    [['models', '--ca', 'nowhere.pem'], 2, '--ca nowhere.pem cannot be read'],
    [['models', '--profile', 'nobody'], 1, 'The AWS profile nobody cannot be used'],
  ])('%j', async (args, code, message) => {
    expect(await at(...args)).toBe(code);
    expect(errors).toContain(message);
  });

  test.each([
    ['127.0.0.1:9470', 2, 'begins with http:// or https://, such as http://127.0.0.1:9470'],
    ['ftp://plant', 2, 'begins with http:// or https://'],
    ['http://127.0.0.1:9', 1, 'No server listens at http://127.0.0.1:9.'],
    ['http://nowhere.invalid', 1, 'The name of http://nowhere.invalid cannot be resolved'],
  ])('--url %s', async (url, code, message) => {
    expect(await tripline('models', '--url', url)).toBe(code);
    expect(errors).toContain(message);
  });

  test('HTTPS where HTTP is spoken', async () => {
    const url = server.url.replace('http:', 'https:');
    expect(await tripline('models', '--url', url)).toBe(1);
    expect(errors).toContain(`${url} does not speak HTTPS. Use ${server.url}.`);
  });

  test('a port that accepts and never answers, and one that stops half-way', async () => {
    for (const start of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"detector']) {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => {
        sockets.push(socket);
        if (start !== '') socket.write(start);
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as { port: number };
      const url = `http://127.0.0.1:${port}`;
      errors = '';
      expect(await tripline('models', '--url', url, '--timeout', '0.1')).toBe(1);
      expect(errors).toMatch(
        /^tripline: \S+ accepted the connection and then sent nothing for 0\.1 s\. .*\n$/,
      );
      expect(errors).toContain('--timeout SECONDS');
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });

  test('a port that accepts and closes', async () => {
    const silent: Server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    expect(await tripline('models', '--url', `http://127.0.0.1:${port}`)).toBe(1);
    silent.close();
    expect(errors).toContain('closed the connection without an HTTP answer');
  });
});

test('a certificate of an authority of its own: refused, and trusted with --ca', async () => {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate, ...subject], { stdio: 'pipe' });
  const secure = await startTestServer({}, { tlsCert: certificate, tlsKey: key });
  try {
    expect(await tripline('models', '--url', secure.url)).toBe(1);
    expect(errors).toContain('is not trusted');
    expect(errors).toContain('--ca FILE');
    expect(await tripline('models', '--url', secure.url, '--ca', certificate)).toBe(0);
    expect(output).toContain('There are no detector models');
    errors = '';
    expect(await tripline('models', '--url', secure.url.replace('https:', 'http:'))).toBe(1);
    expect(errors).toContain('If it speaks HTTPS, use https://');
  } finally {
    await secure.dispose();
  }
});
