import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { runCli } from '../support/run-cli.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/* `tripline import` and `tripline export` against a real server. */

const AWKWARD = 'a "quoted" ${$input.Reading.bar} and %{x}, {{resolve:ssm:/a}}\nä 😀 \\';

const TEMPLATE = `
Parameters:
  Limit: {Type: Number, Default: 9}
Resources:
  Reading:
    Type: AWS::IoTEvents::Input
    Properties:
      InputName: Reading
      InputDescription: ${JSON.stringify(AWKWARD.replace('{{resolve', '{ {resolve'))}
      InputDefinition: {Attributes: [{JsonPath: id}, {JsonPath: bar}]}
      Tags: [{Key: team, Value: ops}]
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: events}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: pumps}}
  Pump:
    Type: AWS::IoTEvents::DetectorModel
    Properties:
      DetectorModelName: Pump
      Key: id
      RoleArn: !GetAtt Role.Arn
      DetectorModelDefinition:
        InitialStateName: Normal
        States:
          - StateName: Normal
            OnInput:
              TransitionEvents:
                - EventName: high
                  Condition: !Sub '$input.\${Reading}.bar > \${Limit}'
                  NextState: High
                  Actions: [{Sns: {TargetArn: !Ref Topic}}]
          - StateName: High
  Alarm:
    Type: AWS::IoTEvents::AlarmModel
    Properties:
      AlarmModelName: PumpAlarm
      RoleArn: !GetAtt Role.Arn
      Severity: 3
      AlarmRule: {SimpleRule: {InputProperty: $input.Reading.bar, ComparisonOperator: GREATER, Threshold: !Ref Limit}}
  Forward:
    Type: AWS::IoT::TopicRule
    Properties:
      RuleName: forward
      Tags: [{Key: team, Value: o & m}]
      TopicRulePayload:
        Sql: !Sub "SELECT *, topic(2) AS id FROM 'pumps/+/\${Limit}'"
        AwsIotSqlVersion: '2016-03-23'
        Actions: [{IotEvents: {InputName: !Ref Reading, RoleArn: !GetAtt Role.Arn}}]
`;

let server: TestServer;
let client: ApiClient;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  client = new ApiClient(server.url);
});
afterAll(() => server.dispose());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-import-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, list, name] of [
    ['/detector-models', 'detectorModelSummaries', 'detectorModelName'],
    ['/alarm-models', 'alarmModelSummaries', 'alarmModelName'],
    ['/inputs', 'inputSummaries', 'inputName'],
    ['/rules', 'rules', 'ruleName'],
  ] as const) {
    const { [list]: items } = await client.call('GET', path);
    for (const item of items as Record<string, string>[])
      await client.call('DELETE', `${path}/${item[name]}`);
  }
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function apply(...args: string[]) {
  const { code, out, err } = await runCli('import', ...args, '--apply', server.url, '--json');
  const report = JSON.parse(out) as {
    applied: { kind: string; name: string; result: string; message?: string }[];
    findings: { level: string; code: string; path?: string }[];
    summary: { errors: number };
  };
  return { code, err, report, results: report.applied.map(({ name, result }) => [name, result]) };
}

async function version(): Promise<string> {
  const { detectorModel } = await client.call('GET', '/detector-models/Pump');
  return (detectorModel as { detectorModelConfiguration: { detectorModelVersion: string } })
    .detectorModelConfiguration.detectorModelVersion;
}

test('creates what is absent, leaves alone what is equal, updates what differs', async () => {
  const path = file('pump.yaml', TEMPLATE);
  const first = await apply(path);
  expect(first.results).toEqual([
    ['Reading', 'created'],
    ['Pump', 'created'],
    ['PumpAlarm', 'created'],
    ['forward', 'created'],
  ]);
  expect(first.code).toBe(0);
  expect((await apply(path)).results.map(([, result]) => result)).toEqual([
    'unchanged',
    'unchanged',
    'unchanged',
    'unchanged',
  ]);
  expect(await version()).toBe('1');
  expect((await apply(path, '--parameter', 'Limit=11')).results).toEqual([
    ['Reading', 'unchanged'],
    ['Pump', 'updated'],
    ['PumpAlarm', 'updated'],
    ['forward', 'updated'],
  ]);
  expect(await version()).toBe('2');
});

test('sets tags without a new version, and leaves other tags', async () => {
  const input = { inputName: 'Reading', inputDefinition: { attributes: [{ jsonPath: 'bar' }] } };
  await client.call('POST', '/inputs', { ...input, tags: [{ key: 'old', value: '1' }] });
  const path = file('in.json', { ...input, tags: [{ key: 'team', value: 'ops' }] });
  expect((await apply(path)).results).toEqual([['Reading', 'updated']]);
  expect((await apply(path)).results).toEqual([['Reading', 'unchanged']]);
  const arn = encodeURIComponent('arn:aws:iotevents:us-east-1:000000000000:input/Reading');
  expect((await client.call('GET', `/tags?resourceArn=${arn}`)).tags).toEqual([
    { key: 'old', value: '1' },
    { key: 'team', value: 'ops' },
  ]);
});

test('with an error anywhere nothing is applied, unless it is forced', async () => {
  const good = file('good.json', { inputName: 'Good', inputDefinition: { attributes: [{ jsonPath: 'a' }] } });
  const bad = file('bad.json', { inputName: 'Bad', inputDefinition: { attributes: [] } });
  const refused = await apply(good, bad);
  expect([refused.code, refused.results]).toEqual([
    1,
    [
      ['Good', 'skipped'],
      ['Bad', 'skipped'],
    ],
  ]);
  const forced = await apply(good, bad, '--force');
  expect([forced.code, forced.results]).toEqual([
    1,
    [
      ['Good', 'created'],
      ['Bad', 'skipped'],
    ],
  ]);
});

test('what is unresolved is an error, but for roles; so is an input that nobody has', async () => {
  const unresolved = TEMPLATE.replace('{RoleName: events}', '{}');
  const roleOnly = await apply(file('role.yaml', unresolved));
  expect(roleOnly.code).toBe(0);
  const target = await apply(file('topic.yaml', unresolved.replace('{TopicName: pumps}', '{}')));
  expect(target.code).toBe(1);
  expect(target.report.findings.filter(({ level }) => level === 'ERROR')).toMatchObject([
    {
      code: 'unresolved',
      path: 'detectorModelDefinition.states[0].onInput.transitionEvents[0].actions[0].sns.targetArn',
    },
  ]);
  const reading = { level: 'ERROR', code: 'missing-input', reference: 'Elsewhere' };
  const text = TEMPLATE.replaceAll('${Reading}', 'Elsewhere');
  expect((await apply(file('missing.yaml', text))).report.findings).toMatchObject([reading]);
  const elsewhere = { inputName: 'Elsewhere', inputDefinition: { attributes: [{ jsonPath: 'bar' }] } };
  await apply(file('elsewhere.json', elsewhere));
  expect((await apply(file('missing.yaml', text))).report.findings).toEqual([]);
});

test('what is unresolved names the flag that resolves it', async () => {
  const template = `Parameters: {Stage: {Type: String}}
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Reading:
    Type: AWS::IoTEvents::Input
    Properties: {InputName: !Ref Stage, InputDescription: !Ref Topic, InputDefinition: {Attributes: [{JsonPath: a}]}}
`;
  const terraform = `variable "stage" {}
resource "awscc_iotevents_input" "reading" {
  input_name       = var.stage
  input_definition = { attributes = [{ json_path = "a" }] }
}`;
  const messages = async (path: string) => {
    const { out } = await runCli('import', path, '--json');
    const { findings } = JSON.parse(out) as { findings: { message: string }[] };
    return findings.map(({ message }) => message.replace(/.*give/, ''));
  };
  expect(await messages(file('stage.yaml', template))).toEqual([
    ' its value with --parameter Stage=VALUE',
    " its value with --resolve 'Topic=VALUE'",
  ]);
  expect(await messages(file('stage.tf', terraform))).toEqual([' its value with --parameter stage=VALUE']);
});

test('another key is an error', async () => {
  const path = file('pump.yaml', TEMPLATE);
  await apply(path);
  const other = await apply(file('pump.yaml', TEMPLATE.replace('Key: id', 'Key: bar')));
  expect(other.report.findings.at(-1)).toMatchObject({ level: 'ERROR', code: 'invalid', path: 'key' });
  expect(new Set(other.results.map(([, result]) => result))).toEqual(new Set(['skipped']));
});

test('a refusal half-way takes back what was done for that file, and only for that', async () => {
  const first = file('a.yaml', TEMPLATE);
  await apply(first);
  const input = { inputName: 'Other', inputDefinition: { attributes: [{ jsonPath: 'a' }] } };
  const model = {
    detectorModelName: 'Refused',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    // The server refuses tags with this prefix; the checks before it do not know that.
    tags: [{ key: 'aws:x', value: 'y' }],
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        { stateName: 'A', onInput: { events: [{ eventName: 'e', condition: '$input.Other.a > 1' }] } },
      ],
    },
  };
  const reading = {
    inputName: 'Reading',
    inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 'bar' }] },
  };
  const second = file('b.json', [input, reading, model]);
  const third = file('c.json', { inputName: 'Third', inputDefinition: { attributes: [{ jsonPath: 'a' }] } });
  const { code, report, results } = await apply(second, third);
  expect(code).toBe(1);
  expect(results).toEqual([
    ['Other', 'skipped'],
    ['Reading', 'skipped'],
    ['Third', 'created'],
    ['Refused', 'failed'],
  ]);
  expect(report.applied.find(({ name }) => name === 'Refused')?.message).toContain('aws:');
  const { inputSummaries } = await client.call('GET', '/inputs');
  expect(
    (inputSummaries as { inputName: string; inputDescription?: string }[]).map((each) => each.inputName),
  ).toEqual(['Reading', 'Third']);
  const described = (inputSummaries as { inputDescription?: string }[])[0]?.inputDescription;
  expect(described).toContain('"quoted"');
});

test('the requests that --out writes are imported as they are', async () => {
  const path = file('pump.yaml', TEMPLATE);
  const out = join(folder, 'out');
  const written = await runCli('import', path, '--out', out, '--json');
  expect(readdirSync(out)).toEqual(['alarm-models', 'detector-models', 'inputs', 'topic-rules']);
  const again = await runCli('import', out, '--json');
  const requests = (text: string) => {
    const { inputs, detectorModels, alarmModels, findings } = JSON.parse(text);
    const of = (list: { request: unknown }[]) => list.map(({ request }) => request);
    return {
      requests: [of(inputs), of(detectorModels), of(alarmModels)],
      codes: findings.map((f: { code: string }) => f.code),
    };
  };
  expect(requests(again.out)).toEqual(requests(written.out));
});

test('an export is imported again, in every form', async () => {
  await apply(
    file('pump.yaml', TEMPLATE.replace('{ {resolve', '{{resolve')),
    '--resolve',
    'resolve:ssm:/a={{resolve:ssm:/a}}',
  );
  const exported = async (format: string) => (await runCli('export', server.url, '--format', format)).out;
  const api = JSON.parse(await exported('api'));
  expect(api.inputs[0].inputDescription).toBe(AWKWARD);
  for (const [format, name] of [
    ['api', 'x.json'],
    ['cloudformation', 'x.json'],
    ['terraform', 'x.tf'],
  ] as const) {
    const { out, code } = await runCli('import', file(name, await exported(format)), '--json');
    const report = JSON.parse(out);
    const requests = (list: { request: unknown }[]) => list.map(({ request }) => request);
    expect({
      inputs: requests(report.inputs),
      detectorModels: requests(report.detectorModels),
      alarmModels: requests(report.alarmModels),
      topicRules: requests(report.topicRules),
    }).toEqual(api);
    expect(code).toBe(0);
  }
  const folderOf = join(folder, 'exported');
  await runCli('export', server.url, '--out', folderOf);
  expect(JSON.parse(readFileSync(join(folderOf, 'inputs/Reading.json'), 'utf8'))).toEqual(api.inputs[0]);
});

test('an export that is applied and exported again is the same text', async () => {
  const transition = 'Actions: [{Sns: {TargetArn: !Ref Topic}}]';
  expect(TEMPLATE).toContain(transition);
  await apply(file('pump.yaml', TEMPLATE.replace(transition, '')));
  const exported = async () => (await runCli('export', server.url)).out;
  const first = await exported();
  await client.call('DELETE', '/detector-models/Pump');
  await apply(file('export.json', first));
  expect(await exported()).toBe(first);
});

test('a data directory is exported without its server, as the server would', async () => {
  const umask = process.umask();
  const dataDir = join(folder, 'data');
  const first = await startTestServer({}, { dataDir });
  const template = file('pump.yaml', TEMPLATE);
  await runCli('import', template, '--apply', first.url);
  // A second version of each model: only the newest is exported.
  await runCli('import', template, '--apply', first.url, '--parameter', 'Limit=12');
  const exported = async (...from: string[]) => {
    const all: unknown[] = [];
    for (const format of ['api', 'cloudformation', 'terraform'])
      all.push(await runCli('export', ...from, '--format', format));
    return all;
  };
  const expected = await exported(first.url);
  const busy = await runCli('export', '--data-dir', dataDir);
  expect([busy.code, busy.out]).toEqual([1, '']);
  expect(busy.err).toContain('in use');
  await first.close();
  expect(await exported('--data-dir', dataDir)).toEqual(expected);
  expect(expected[0]).toMatchObject({ code: 0, out: expect.stringContaining('$input.Reading.bar > 12') });
  const stored = join(folder, 'stored');
  await runCli('export', '--data-dir', dataDir, '--out', stored);
  // Exported files have the same permissions as others.
  expect(process.umask()).toBe(umask);
  expect(readdirSync(stored).sort()).toEqual(['alarm-models', 'detector-models', 'inputs', 'topic-rules']);
  const again = await startTestServer({}, { dataDir });
  expect(await exported(again.url)).toEqual(expected);
  await again.close();
});

test('a data directory of which a model keeps the server from starting is exported all the same', async () => {
  const dataDir = join(folder, 'broken');
  const first = await startTestServer({}, { dataDir });
  await runCli('import', file('pump.yaml', TEMPLATE), '--apply', first.url);
  await first.close();
  const store = await openLevelStore(dataDir);
  const key = 'version/Pump/0000000001';
  const text = (await store.get(key)) ?? '';
  await store.commit({ rows: [[key, text.replace('.bar > 9', '.bar > > 9')]] });
  await store.close();
  await expect(startTestServer({}, { dataDir })).rejects.toThrow('does not compile');
  const { code, out } = await runCli('export', '--data-dir', dataDir);
  expect(code).toBe(0);
  expect(JSON.parse(out).detectorModels).toMatchObject([{ detectorModelName: 'Pump' }]);
});

test('a folder that is not a data directory is not exported, and stays as it is', async () => {
  for (const name of ['absent', 'empty']) {
    const directory = join(folder, name);
    if (name === 'empty') mkdirSync(directory);
    const { code, out, err } = await runCli('export', '--data-dir', directory);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('is not a data directory of Tripline');
    expect(existsSync(directory) && readdirSync(directory).length > 0).toBe(false);
  }
});

test.each([
  [['import'], 'name a file or a folder'],
  [['import', 'x.json', '--parameter', 'x'], 'NAME=VALUE'],
  [['import', 'nowhere.json'], 'there is no such file'],
  [['import', 'package.json', '--parameter', 'A=b'], 'no template or module has a parameter'],
  [['import', 'package.json', '--force'], 'can only be used with --apply'],
  [['export', 'localhost:1'], 'http://'],
  [['export'], '--data-dir'],
  [['export', 'http://127.0.0.1:1', '--data-dir', 'x'], 'either'],
])('%j is wrong use', async (args, message) => {
  const { code, err, out } = await runCli(...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});
