import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConflictingResourceUpdateException,
  CreateTopicRuleCommand,
  DeleteTopicRuleCommand,
  DisableTopicRuleCommand,
  EnableTopicRuleCommand,
  GetTopicRuleCommand,
  InvalidRequestException,
  IoTClient,
  ListTagsForResourceCommand,
  ListTopicRulesCommand,
  paginateListTopicRules,
  ReplaceTopicRuleCommand,
  ResourceAlreadyExistsException,
  SqlParseException,
  TagResourceCommand,
  UnauthorizedException,
  UntagResourceCommand,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import * as events from '@aws-sdk/client-iot-events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { runCli } from './run-cli.ts';
import { countingModel } from './service.ts';

/** The servers on which topic rules are tested. */
export interface RulesRig {
  /** The URL for clients. */
  readonly url: string;
  /** The URL of each process behind it. */
  readonly urls: readonly string[];
  dispose(): Promise<unknown>;
}

const region = 'us-east-1';
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const roleArn = 'arn:aws:iam::000000000000:role/Rules';
const arn = (name: string) => `arn:aws:iot:us-east-1:000000000000:rule/${name}`;
const iotEvents = { inputName: 'Pumps', messageId: '${newuuid()}', roleArn };
const payload = { sql: "SELECT *, topic(2) AS pump FROM 'pumps/+'", actions: [{ iotEvents }] };

const SUCCESSES = 'tripline_rule_action_success_total{rule="pumps",action="iotEvents"}';

/**
 * The behaviour of topic rules for clients, on one server or the fronts of a cluster: through the AWS SDK, HTTP and
 * commands.
 */
export function describeTopicRules(start: () => Promise<RulesRig>): void {
  let server: RulesRig;
  let client: ApiClient;
  let iot: IoTClient;
  let control: events.IoTEventsClient;

  beforeAll(async () => {
    server = await start();
    client = new ApiClient(server.url);
    const config = { endpoint: server.url, region, credentials, maxAttempts: 1 };
    iot = new IoTClient(config);
    control = new events.IoTEventsClient(config);
  }, 120_000);

  afterAll(async () => {
    iot.destroy();
    control.destroy();
    await server.dispose();
  });

  const caught = (call: Promise<unknown>) =>
    call.then(
      () => 'nothing was thrown',
      (error: unknown) => error,
    );

  describe('AWS SDK for JavaScript', () => {
    test('creates, reads, replaces, disables, enables and deletes a rule', async () => {
      const topicRulePayload = { ...payload, description: 'pumps', awsIotSqlVersion: '2016-03-23' };
      await iot.send(new CreateTopicRuleCommand({ ruleName: 'pumps', topicRulePayload }));
      const { ruleArn, rule } = await iot.send(new GetTopicRuleCommand({ ruleName: 'pumps' }));
      expect(ruleArn).toBe(arn('pumps'));
      expect(rule).toEqual({
        ruleName: 'pumps',
        ...topicRulePayload,
        ruleDisabled: false,
        createdAt: expect.any(Date),
      });
      expect(Math.abs(Date.now() - Number(rule?.createdAt))).toBeLessThan(60_000);

      await iot.send(new DisableTopicRuleCommand({ ruleName: 'pumps' }));
      const listed = await iot.send(new ListTopicRulesCommand({ ruleDisabled: true }));
      expect(listed.rules).toEqual([
        {
          ruleArn: arn('pumps'),
          ruleName: 'pumps',
          topicPattern: 'pumps/+',
          createdAt: rule?.createdAt,
          ruleDisabled: true,
        },
      ]);
      await iot.send(new EnableTopicRuleCommand({ ruleName: 'pumps' }));
      expect((await iot.send(new ListTopicRulesCommand({ ruleDisabled: true }))).rules).toEqual([]);

      const replaced = { sql: 'SELECT a', actions: [{ republish: { topic: 'a', roleArn, qos: 1 } }] };
      await iot.send(new ReplaceTopicRuleCommand({ ruleName: 'pumps', topicRulePayload: replaced }));
      const after = await iot.send(new GetTopicRuleCommand({ ruleName: 'pumps' }));
      expect(after.rule).toEqual({
        ruleName: 'pumps',
        ...replaced,
        createdAt: rule?.createdAt,
        ruleDisabled: false,
        awsIotSqlVersion: '2015-10-08',
      });
      expect((await iot.send(new ListTopicRulesCommand({}))).rules?.[0]).not.toHaveProperty('topicPattern');
      await iot.send(new DeleteTopicRuleCommand({ ruleName: 'pumps' }));
      expect((await iot.send(new ListTopicRulesCommand({}))).rules).toEqual([]);
    });

    test('lists by page and by topic', async () => {
      const names = Array.from({ length: 7 }, (_, index) => `page_${index}`);
      for (const [index, ruleName] of names.entries()) {
        const topicRulePayload = { sql: `SELECT * FROM 'site/${index}/#'`, actions: [] };
        await iot.send(new CreateTopicRuleCommand({ ruleName, topicRulePayload }));
      }
      const found: (string | undefined)[] = [];
      for await (const page of paginateListTopicRules({ client: iot, pageSize: 3 }, {}))
        found.push(...(page.rules ?? []).map(({ ruleName }) => ruleName));
      expect(found).toEqual(names);
      const { rules } = await iot.send(new ListTopicRulesCommand({ topic: 'site/4/pump' }));
      expect(rules?.map(({ ruleName }) => ruleName)).toEqual(['page_4']);
      for (const ruleName of names) await iot.send(new DeleteTopicRuleCommand({ ruleName }));
    });

    test('tags rules, separately from the tags of AWS IoT Events', async () => {
      const tags = 'team=pumps&note=a%20b%26c';
      await iot.send(new CreateTopicRuleCommand({ ruleName: 'tagged', topicRulePayload: payload, tags }));
      await iot.send(
        new TagResourceCommand({
          resourceArn: arn('tagged'),
          tags: [
            { Key: 'team', Value: 'x' },
            { Key: 'n', Value: '' },
          ],
        }),
      );
      await iot.send(new UntagResourceCommand({ resourceArn: arn('tagged'), tagKeys: ['n', 'none'] }));
      const own = await iot.send(new ListTagsForResourceCommand({ resourceArn: arn('tagged') }));
      expect(own.tags).toEqual([
        { Key: 'team', Value: 'x' },
        { Key: 'note', Value: 'a b&c' },
      ]);
      await iot.send(new ReplaceTopicRuleCommand({ ruleName: 'tagged', topicRulePayload: payload }));
      expect(
        (await iot.send(new ListTagsForResourceCommand({ resourceArn: arn('tagged') }))).tags,
      ).toHaveLength(2);

      const inputName = 'Pumps';
      const inputDefinition = { attributes: [{ jsonPath: 'pump' }] };
      await control.send(new events.CreateInputCommand({ inputName, inputDefinition }));
      const resourceArn = 'arn:aws:iotevents:us-east-1:000000000000:input/Pumps';
      await control.send(new events.TagResourceCommand({ resourceArn, tags: [{ key: 'k', value: 'v' }] }));
      const listed = await control.send(new events.ListTagsForResourceCommand({ resourceArn }));
      expect(listed.tags).toEqual([{ key: 'k', value: 'v' }]);
      expect(
        await caught(iot.send(new ListTagsForResourceCommand({ resourceArn: arn('none') }))),
      ).toMatchObject({
        name: 'ResourceNotFoundException',
      });
      await iot.send(new DeleteTopicRuleCommand({ ruleName: 'tagged' }));
    });

    test('gets the exceptions of AWS IoT', async () => {
      const create = (ruleName: string, topicRulePayload: typeof payload) =>
        caught(iot.send(new CreateTopicRuleCommand({ ruleName, topicRulePayload })));
      const wrong = await create('r', { ...payload, sql: 'SELECT * FRM x' });
      expect(wrong).toBeInstanceOf(SqlParseException);
      expect((wrong as Error).message).toBe(
        'Expected the end of the statement, found FRM (line 1, column 10)\nSELECT * FRM x\n         ^^^',
      );
      const shadow = "SELECT get_thing_shadow('a', 'b') AS s FROM 'x'";
      expect(await create('r', { ...payload, sql: shadow })).toBeInstanceOf(InvalidRequestException);
      expect(await create('no-hyphen', payload)).toBeInstanceOf(InvalidRequestException);
      const sns = [{ sns: { targetArn: 'arn:aws:sns:us-east-1:0:t', roleArn } }];
      expect(await create('r', { ...payload, actions: sns as never })).toMatchObject({
        name: 'InvalidRequestException',
        message: expect.stringContaining('action "sns" is not supported by Tripline'),
      });
      const { iotEvents: _, ...without } = { iotEvents, republish: { topic: 'x' } };
      expect(await create('r', { ...payload, actions: [without] as never })).toMatchObject({
        message: expect.stringContaining("'actions.1.member.republish.roleArn'"),
      });
      await iot.send(new CreateTopicRuleCommand({ ruleName: 'there', topicRulePayload: payload }));
      const exists = await create('there', payload);
      expect(exists).toBeInstanceOf(ResourceAlreadyExistsException);
      expect(exists).toMatchObject({ resourceId: 'there', resourceArn: arn('there') });
      await iot.send(new DeleteTopicRuleCommand({ ruleName: 'there' }));
      const ruleName = 'unknown';
      for (const command of [
        new GetTopicRuleCommand({ ruleName }),
        new DeleteTopicRuleCommand({ ruleName }),
        new EnableTopicRuleCommand({ ruleName }),
        new ReplaceTopicRuleCommand({ ruleName, topicRulePayload: payload }),
      ]) {
        const error = await caught(iot.send(command as GetTopicRuleCommand));
        expect(error).toBeInstanceOf(UnauthorizedException);
        expect(error).not.toBeInstanceOf(ConflictingResourceUpdateException);
        expect(error).toMatchObject({
          message: "Access to topic rule 'unknown' was denied",
          $metadata: { httpStatusCode: 401 },
        });
      }
    });
  });

  describe('a message', () => {
    let before = 0;
    beforeAll(async () => {
      const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
      await client.call('POST', '/inputs', { inputName: 'I', inputDefinition });
      await client.call('POST', '/detector-models', countingModel('M', 'I'));
      await client.call('POST', '/rules/pumps', {
        sql: "SELECT *, topic(2) AS id FROM 'pumps/+/data' WHERE p > 1",
        awsIotSqlVersion: '2016-03-23',
        actions: [{ iotEvents: { inputName: 'I', messageId: '${n}', roleArn } }],
      });
      // Every process has loaded the rule.
      for (const [index, url] of server.urls.entries())
        await vi.waitFor(
          async () => {
            const body = `{"p":2,"n":"probe-${index}"}`;
            await fetch(`${url}/topics/pumps/probe-${index}/data`, { method: 'POST', body });
            expect(await count(`probe-${index}`)).toBe('1');
          },
          { timeout: 15_000, interval: 100 },
        );
      before = await counter(SUCCESSES);
    }, 60_000);

    /** The sum of a counter over all processes. */
    async function counter(name: string): Promise<number> {
      const metrics = await Promise.all(
        server.urls.map(async (url) => (await fetch(`${url}/metrics`)).text()),
      );
      return metrics
        .flatMap((text) => text.split('\n'))
        .filter((line) => line.startsWith(`${name} `))
        .reduce((sum, line) => sum + Number(line.slice(name.length)), 0);
    }

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
        // A repeated id counts once.
        await publish('/topics/pumps/a/data', '{"p":3,"n":"x2"}');
        expect(await count('a')).toBe('2');
      });

      test('accepts what the AWS SDK publishes', async () => {
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

      test('reaches the rule named by Basic Ingest', async () => {
        await publish('/topics/%24aws/rules/pumps/x/basic', '{"p":5,"n":"basic"}');
        expect(await count('basic')).toBe('1');
      });
    });

    describe('POST /_tripline/topic-rules/test', () => {
      const trial = (body: object) => client.call('POST', '/_tripline/topic-rules/test', body);
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      const sql = "SELECT a, topic(2) AS t FROM 'x/+' WHERE a > 1.0";
      const awsIotSqlVersion = '2016-03-23';

      test('returns the message, or why there is none', async () => {
        const base = { sql, awsIotSqlVersion, topic: 'x/y' };
        expect(await trial({ ...base, payload: base64('{"a":2.0}') })).toEqual({
          result: 'message',
          message: { a: 2, t: 'y' },
        });
        expect(await trial({ ...base, payload: base64('{"a":1}') })).toEqual({
          result: 'none',
          reason: 'where',
        });
        expect(await trial({ ...base, topic: 'z', payload: '' })).toEqual({
          result: 'none',
          reason: 'topic',
        });
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
        [
          { sql: 'SELECT [1] AS a', awsIotSqlVersion: '2015-10-08' },
          'SqlParseException: An array literal needs',
        ],
        [{ payload: 'no base64' }, "'payload' must be base64-encoded"],
        [{ awsIotSqlVersion: '2020-01-01' }, "'awsIotSqlVersion' must be one of"],
        [{ topic: 5 }, "'topic' must be a string"],
      ])('refuses %j', async (change, message) => {
        const body = { sql, awsIotSqlVersion, topic: 'x/y', payload: '', ...change };
        await expect(trial(body)).rejects.toThrow(message);
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
      const value = {
        timestamp: { timeInSeconds: 1_600_000_000 },
        quality: 'GOOD',
        value: { doubleValue: 7.5 },
      };
      const notification = {
        type: 'PropertyValueUpdate',
        payload: { assetId: 'a-1', propertyId: 'p-1', values: [value] },
      };
      const path = '/topics/%24aws/sitewise/asset-models/m-1/assets/a-1/properties/p-1?qos=1';
      await publish(path, JSON.stringify(notification));
      const { alarm } = await client.call('GET', '/alarms/A/keyValues/?keyValue=a-1');
      expect(alarm).toMatchObject({ alarmState: { stateName: 'ACTIVE' } });
      // An unreadable message is counted and dropped.
      expect((await publish(path, 'nonsense')).status).toBe(200);
      expect(await counter('tripline_sitewise_property_values_total{outcome="accepted"}')).toBe(1);
      expect(await counter('tripline_sitewise_property_values_total{outcome="refused"}')).toBe(1);
      expect((await counter(SUCCESSES)) - before).toBe(5);
    });

    describe('tripline rules', () => {
      test('lists, puts and deletes', async () => {
        const file = join(await mkdtemp(join(tmpdir(), 'tripline-rules-')), 'rule.json');
        const rule = { ruleName: 'cli', topicRulePayload: { sql: "SELECT * FROM 'cli'", actions: [] } };
        await writeFile(file, JSON.stringify(rule));
        const url = ['--url', server.url];
        expect(await runCli('rules', 'put', file, ...url)).toMatchObject({
          code: 0,
          out: 'Topic rule cli is active\n',
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
        expect(dropped.out).toContain(
          'WHERE    p > 1  →  Undefined (Undefined)\nNo message: WHERE is not true.',
        );
      });
    });
  });
}
