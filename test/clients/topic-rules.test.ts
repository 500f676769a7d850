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
import * as events from '@aws-sdk/client-iot-events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastGoodPython, missingPython, python, runPython } from '../support/python.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Topic rules through the unmodified clients of AWS IoT. */
let server: TestServer;
let iot: IoTClient;
let control: events.IoTEventsClient;

const roleArn = 'arn:aws:iam::000000000000:role/Rules';
const arn = (name: string) => `arn:aws:iot:us-east-1:000000000000:rule/${name}`;
const iotEvents = { inputName: 'Pumps', messageId: '${newuuid()}', roleArn };
const payload = { sql: "SELECT *, topic(2) AS pump FROM 'pumps/+'", actions: [{ iotEvents }] };

beforeAll(async () => {
  server = await startTestServer();
  const config = {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };
  iot = new IoTClient(config);
  control = new events.IoTEventsClient(config);
});

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

  test('tags rules, beside the tags of AWS IoT Events', async () => {
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

const CLIENTS = [python, lastGoodPython].flatMap((interpreter) =>
  (['boto3', 'awscli'] as const).map((client) => ({
    client,
    interpreter,
    missing: missingPython(client, interpreter),
  })),
);

describe.each(CLIENTS)('$client of $interpreter', ({ client, interpreter, missing }) => {
  test.skipIf(missing !== undefined)(
    `walks all operations${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      const script = new URL('python/topic_rules.py', import.meta.url).pathname;
      const env = {
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'any',
        AWS_DEFAULT_REGION: 'us-east-1',
        HOME: '/nonexistent',
      };
      const told = JSON.parse(await runPython([script, client, server.url], env, '', interpreter));
      expect(told).toEqual({
        created: { ruleName: 'walk', sql: payload.sql, ruleDisabled: false, awsIotSqlVersion: '2016-03-23' },
        disabled: true,
        enabled: false,
        listed: ['walk'],
        replaced: 'SELECT a',
        tags: [{ Key: 'team', Value: 'x' }],
        untagged: [],
        unknown: 'UnauthorizedException',
        syntax: 'SqlParseException',
        left: [],
      });
    },
    120_000,
  );
});
