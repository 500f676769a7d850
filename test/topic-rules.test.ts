import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../src/cli/client.ts';
import { runCli } from './support/run-cli.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { countingModel } from './support/service.ts';

/** Topic rules on a whole server: messages by HTTP, the trial of a statement, the commands, SiteWise. */
let server: TestServer;
let client: ApiClient;
const roleArn = 'arn:aws:iam::000000000000:role/Rules';

beforeAll(async () => {
  server = await startTestServer();
  client = new ApiClient(server.url);
  const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
  await client.call('POST', '/inputs', { inputName: 'I', inputDefinition });
  await client.call('POST', '/detector-models', countingModel('M', 'I'));
  await client.call('POST', '/rules/pumps', {
    sql: "SELECT *, topic(2) AS id FROM 'pumps/+/data' WHERE p > 1",
    awsIotSqlVersion: '2016-03-23',
    actions: [{ iotEvents: { inputName: 'I', messageId: '${n}', roleArn } }],
  });
});

afterAll(() => server.dispose());

async function count(id: string): Promise<unknown> {
  const { detector } = await client.call('GET', `/detectors/M/keyValues/?keyValue=${id}`);
  const { variables } = (detector as { state: { variables: { name: string; value: string }[] } }).state;
  return variables.find(({ name }) => name === 'n')?.value;
}

const publish = (path: string, body: string) => fetch(`${server.url}${path}`, { method: 'POST', body });

describe('POST /topics/{topic}', () => {
  test('reaches a detector through a rule, durably, with slashes encoded or not', async () => {
    const first = await publish('/topics/pumps/a/data?qos=1', '{"p":2,"n":"x1"}');
    expect([first.status, await first.json()]).toEqual([
      200,
      { message: 'OK', traceId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    await publish('/topics/pumps%2Fa%2Fdata', '{"p":3,"n":"x2"}');
    await publish('/topics/pumps/a/data', '{"p":0,"n":"x3"}');
    // The same id counts once.
    await publish('/topics/pumps/a/data', '{"p":3,"n":"x2"}');
    expect(await count('a')).toBe('2');
  });

  test('takes what the AWS SDK publishes', async () => {
    const sdk = new IoTDataPlaneClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
    const payload = Buffer.from('{"p":9,"n":"sdk"}');
    await sdk.send(new PublishCommand({ topic: 'pumps/sdk/data', qos: 1, payload }));
    sdk.destroy();
    expect(await count('sdk')).toBe('1');
  });

  test.each([
    ['/topics/', '', 'it is empty'],
    ['/topics/a/%23', '', 'wildcard'],
    ['/topics/%24aws/things/x', '', 'it is reserved'],
    ['/topics/a?qos=2', '', "at 'qos' must be one of 0, 1"],
    [`/topics/${'a'.repeat(257)}`, '', '257 bytes'],
    ['/topics/a', 'x'.repeat(131_073), 'exceeds the limit 131072'],
  ])('refuses %s', async (path, body, message) => {
    const answer = await publish(path, body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-amzn-errortype')).toBe('InvalidRequestException');
    expect(((await answer.json()) as { message: string }).message).toContain(message);
  });

  test('reaches the rule that Basic Ingest names', async () => {
    await publish('/topics/%24aws/rules/pumps/x/basic', '{"p":5,"n":"basic"}');
    expect(await count('basic')).toBe('1');
  });
});

describe('POST /_tripline/topic-rules/test', () => {
  const trial = (body: object) => client.call('POST', '/_tripline/topic-rules/test', body);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const sql = "SELECT a, topic(2) AS t FROM 'x/+' WHERE a > 1.0";
  const awsIotSqlVersion = '2016-03-23';

  test('tells what the message is, or why there is none', async () => {
    const base = { sql, awsIotSqlVersion, topic: 'x/y' };
    expect(await trial({ ...base, payload: base64('{"a":2.0}') })).toEqual({
      result: 'message',
      message: { a: 2, t: 'y' },
    });
    expect(await trial({ ...base, payload: base64('{"a":1}') })).toEqual({ result: 'none', reason: 'where' });
    expect(await trial({ ...base, topic: 'z', payload: '' })).toEqual({ result: 'none', reason: 'topic' });
    const raw = { ...base, sql: "SELECT * FROM 'x/+'", payload: base64('raw') };
    expect(await trial(raw)).toEqual({ result: 'message', base64: base64('raw') });
    const named = { ...base, topic: '$aws/rules/r/x/y', payload: base64('{"a":2}') };
    expect(await trial({ ...named, ruleName: 'r' })).toMatchObject({ message: { t: 'y' } });
    expect(await trial({ ...named, ruleName: 's' })).toEqual({ result: 'none', reason: 'topic' });
  });

  test.each([
    [{ sql: 'SELECT' }, 'SqlParseException: Expected an expression'],
    [
      { sql: "SELECT get_secret('a', 'b') AS s FROM 'x'" },
      'InvalidRequestException: function get_secret() needs',
    ],
    [{ sql: 'SELECT [1] AS a', awsIotSqlVersion: '2015-10-08' }, 'SqlParseException: An array literal needs'],
    [{ payload: 'no base64' }, "'payload' must be base64-encoded"],
    [{ awsIotSqlVersion: '2020-01-01' }, "'awsIotSqlVersion' must be one of"],
    [{ topic: 5 }, "'topic' must be a string"],
  ])('refuses %j', async (change, message) => {
    const body = { sql, awsIotSqlVersion, topic: 'x/y', payload: '', ...change };
    await expect(trial(body)).rejects.toThrow(message);
  });
});

describe('tripline rules', () => {
  test('lists, puts and deletes', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'tripline-rules-')), 'rule.json');
    const rule = { ruleName: 'cli', topicRulePayload: { sql: "SELECT * FROM 'cli'", actions: [] } };
    await writeFile(file, JSON.stringify(rule));
    const url = ['--url', server.url];
    expect(await runCli('rules', 'put', file, ...url)).toMatchObject({
      code: 0,
      out: 'Topic rule cli is in force\n',
    });
    expect((await runCli('rules', 'put', file, ...url)).code).toBe(0);
    const { out } = await runCli('rules', 'list', ...url);
    expect(out).toMatch(/^RULE +FROM +STATE +CREATED\ncli +cli +enabled +\d{4}-/);
    expect((await runCli('rules', 'delete', 'cli', ...url)).code).toBe(0);
    expect(await runCli('rules', 'delete', 'cli', ...url)).toMatchObject({
      code: 1,
      err: expect.stringContaining("Access to topic rule 'cli' was denied"),
    });
    await writeFile(file, '{"ruleName":"x","sqll":1}');
    expect(await runCli('rules', 'put', file, ...url)).toMatchObject({
      code: 2,
      err: expect.stringContaining('A topic rule has no member sqll'),
    });
  });

  test('tests a rule of the server and shows each clause', async () => {
    const at = ['--topic', 'pumps/b/data', '--url', server.url];
    const passed = await runCli('rules', 'test', 'pumps', '--payload', '{"p":2.50,"n":1}', ...at);
    expect(passed).toMatchObject({ code: 0, err: '' });
    expect(passed.out.split('\n')).toEqual([
      'FROM     matches pumps/b/data',
      'WHERE    p > 1  →  true (Boolean)',
      'SELECT   *  →  {"p":2.50,"n":1} (Object)',
      'SELECT   id: topic(2) AS id  →  "b" (String)',
      'Message: {"p":2.50,"n":1,"id":"b"}',
      '',
    ]);
    const dropped = await runCli('rules', 'test', 'pumps', '--payload', '{"n":1}', ...at);
    expect(dropped.code).toBe(1);
    expect(dropped.out).toContain('WHERE    p > 1  →  Undefined (Undefined)\nNo message: WHERE is not true.');
  });

  test('tests a statement without a server', async () => {
    const sql = "SET @k = a * 2 SELECT @k AS k FROM 'x' WHERE a > 1 AND b = 'c'";
    const args = ['rules', 'test', '--sql', sql, '--topic', 'x', '--json'];
    const { code, out } = await runCli(...args, '--payload', '{"a":3,"b":"c"}');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      result: 'message',
      message: { k: 6 },
      clauses: [
        { clause: 'SET', text: '@k = a * 2', name: '@k', type: 'Int', value: 6 },
        { clause: 'WHERE', text: 'a > 1', type: 'Boolean', value: true },
        { clause: 'WHERE', text: "b = 'c'", type: 'Boolean', value: true },
        { clause: 'SELECT', text: '@k AS k', name: 'k', type: 'Int', value: 6 },
      ],
    });
    const wrong = await runCli('rules', 'test', '--sql', 'SELECT', '--topic', 'x', '--payload', '{}');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('SqlParseException') });
    expect((await runCli('rules', 'test', '--topic', 'x', '--payload', '{}')).code).toBe(2);
  });
});

test('a SiteWise property value on its topic feeds an alarm model', async () => {
  const inputProperty = '$sitewise.assetModel.`m-1`.`p-1`.propertyValue.value';
  const alarmRule = { simpleRule: { inputProperty, comparisonOperator: 'GREATER', threshold: '5' } };
  const alarmCapabilities = { initializationConfiguration: { disabledOnInitialization: false } };
  await client.call('POST', '/alarm-models', {
    alarmModelName: 'A',
    key: 'assetId',
    roleArn,
    alarmRule,
    alarmCapabilities,
  });
  const value = { timestamp: { timeInSeconds: 1_600_000_000 }, quality: 'GOOD', value: { doubleValue: 7.5 } };
  const notification = {
    type: 'PropertyValueUpdate',
    payload: { assetId: 'a-1', propertyId: 'p-1', values: [value] },
  };
  const path = '/topics/%24aws/sitewise/asset-models/m-1/assets/a-1/properties/p-1?qos=1';
  await publish(path, JSON.stringify(notification));
  const { alarm } = await client.call('GET', '/alarms/A/keyValues/?keyValue=a-1');
  expect(alarm).toMatchObject({ alarmState: { stateName: 'ACTIVE' } });
  // What cannot be read is counted, and done with.
  expect((await publish(path, 'nonsense')).status).toBe(200);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('tripline_sitewise_property_values_total{outcome="accepted"} 1');
  expect(metrics).toContain('tripline_sitewise_property_values_total{outcome="refused"} 1');
  expect(metrics).toContain('tripline_rule_action_success_total{rule="pumps",action="iotEvents"} 5');
});
