import { describe, expect, test } from 'vitest';
import { quietLog } from '../../../test/support/quiet.ts';
import { roleArn, startRules } from '../../../test/support/rules.ts';
import { Fault } from '../../runtime/fault.ts';

const toInput = (more: object = {}) => ({ iotEvents: { inputName: 'Pumps', roleArn, ...more } });
const all = "SELECT * FROM 'pumps/+'";

describe('delivering a message', () => {
  test('sends the result of SELECT to the input, byte for byte', async () => {
    const rig = await startRules();
    await rig.create('pumps', {
      sql: "SELECT *, topic(2) AS pump, 1.50 AS x.y FROM 'pumps/+' WHERE p > 1",
      actions: [toInput({ messageId: '${pump}-${n}' })],
    });
    await rig.publish('pumps/7', '{ "p": 2.50, "n": 4, "pump": "a" }');
    await rig.publish('pumps/7', '{"p":1}');
    await rig.publish('valves/7', '{"p":5}');
    expect(rig.messages).toEqual([
      { inputName: 'Pumps', messageId: 'a-4', payload: '{"p":2.50,"n":4,"pump":"7","x":{"y":1.50}}' },
    ]);
    expect(await rig.count('rule_topic_match', { rule: 'pumps' })).toBe(2);
    expect(await rig.count('rules_executed', { rule: 'pumps' })).toBe(1);
    expect(await rig.count('rule_action_success', { rule: 'pumps', action: 'iotEvents' })).toBe(1);
  });

  test('has no user properties on a connection without MQTT 5', async () => {
    const rig = await startRules();
    const sql = "SELECT get_user_properties() AS all, get_user_properties('k') AS k, 1 AS n FROM 'pumps/+'";
    await rig.create('pumps', { sql, awsIotSqlVersion: '2016-03-23', actions: [toInput()] });
    await rig.publish('pumps/1', '{}');
    await rig.publish('pumps/1', '{}', { properties: {} });
    expect(rig.messages.map(({ payload }) => payload)).toEqual(['{"n":1}', '{"all":[],"n":1}']);
  });

  test('rejects while no data directory is open', async () => {
    const rig = await startRules();
    rig.opened.close();
    expect(rig.engine.needs('anything')).toBe(true);
    await expect(rig.publish('pumps/1', '{}')).rejects.toMatchObject({ code: 'ServiceUnavailableException' });
  });

  test('rejects when the outcome is not durable, and sends nothing to the errorAction', async () => {
    const fault = new Fault('ServiceUnavailableException', 'The message store failed');
    const rig = await startRules({ put: () => Promise.reject(fault) });
    const errorAction = { republish: { topic: 'errors', roleArn } };
    await rig.create('pumps', { sql: all, actions: [toInput()], errorAction });
    await expect(rig.publish('pumps/1', '{}')).rejects.toBe(fault);
    expect(rig.published).toEqual([]);
  });

  const toSlow = { republish: { topic: 'slow', roleArn } };
  test.each([
    ['another action', [[toInput(), toSlow]]],
    ['another rule', [[toInput()], [toSlow]]],
  ])('rejects only when %s has ended as well', async (_name, rules) => {
    const fault = new Fault('ServiceUnavailableException', 'The message store failed');
    let end = () => {};
    const slow = new Promise<void>((resolve) => {
      end = resolve;
    });
    const rig = await startRules({
      put: () => Promise.reject(fault),
      republisher: { publish: () => slow },
    });
    for (const [index, actions] of rules.entries()) await rig.create(`rule_${index}`, { sql: all, actions });
    let settled = false;
    const published = rig.publish('pumps/1', '{}').finally(() => {
      settled = true;
    });
    published.catch(() => {});
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    end();
    await expect(published).rejects.toBe(fault);
  });

  test('keeps the order of the calls and batches calls of put', async () => {
    const rig = await startRules();
    await rig.create('pumps', { sql: all, actions: [toInput()] });
    await Promise.all(Array.from({ length: 500 }, (_, n) => rig.publish(`pumps/${n % 7}`, `{"n":${n}}`)));
    expect(rig.messages.map(({ payload }) => payload)).toEqual(
      Array.from({ length: 500 }, (_, n) => `{"n":${n}}`),
    );
    expect(rig.calls.length).toBeLessThan(5);
  });

  test('waits through overload with the same ids, in order, without delaying others', async () => {
    const seen: string[] = [];
    let isOverloaded = true;
    const rig = await startRules({
      answer: ({ payload, messageId }) => {
        const isHeld = payload.text.includes('slow') && isOverloaded;
        if (isHeld) seen.push(messageId);
        return isHeld ? { code: 'ThrottlingException', message: 'later' } : undefined;
      },
    });
    await rig.create('pumps', { sql: all, actions: [toInput()] });
    const slow = [1, 2, 3].map((n) => rig.publish('pumps/1', `{"slow":${n}}`));
    const quick = rig.publish('pumps/2', '{"quick":1}', { clientId: 'device-2' });
    await quick;
    expect(rig.messages.map(({ payload }) => payload)).toEqual(['{"quick":1}']);
    isOverloaded = false;
    await Promise.all(slow);
    expect(rig.messages.map(({ payload }) => payload).slice(1)).toEqual([
      '{"slow":1}',
      '{"slow":2}',
      '{"slow":3}',
    ]);
    expect(rig.messages.slice(1).map(({ messageId }) => messageId)).toEqual([...new Set(seen)]);
    expect(await rig.count('rule_message_throttled')).toBeGreaterThan(0);
  });
});

describe('batchMode', () => {
  const sql = "SELECT VALUE list FROM 'pumps/+'";
  const batch = (count: number) => JSON.stringify({ list: Array.from({ length: count }, (_, n) => ({ n })) });

  test.each([0, 1, 10])('sends %d elements as that many messages', async (count) => {
    const rig = await startRules();
    await rig.create('pumps', { sql, actions: [toInput({ batchMode: true })] });
    await rig.publish('pumps/1', batch(count));
    expect(rig.messages.map(({ payload }) => payload)).toEqual(
      Array.from({ length: count }, (_, n) => `{"n":${n}}`),
    );
    expect(new Set(rig.messages.map(({ messageId }) => messageId)).size).toBe(count);
  });

  test('of more than ten sends nothing and fails', async () => {
    const rig = await startRules();
    await rig.create('pumps', { sql, actions: [toInput({ batchMode: true })] });
    await rig.publish('pumps/1', batch(11));
    expect(rig.messages).toEqual([]);
    expect(await rig.count('rule_action_failure', { rule: 'pumps' })).toBe(1);
  });

  test('sends the objects of a mixed array and reports the others', async () => {
    const rig = await startRules();
    const errorAction = { republish: { topic: 'errors', roleArn } };
    await rig.create('pumps', { sql, actions: [toInput({ batchMode: true })], errorAction });
    await rig.publish('pumps/1', '{"list":[{"n":1},2,{"n":3}]}');
    expect(rig.messages.map(({ payload }) => payload)).toEqual(['{"n":1}', '{"n":3}']);
    const message = JSON.parse(String(rig.published[0]?.payload));
    expect(message.failures).toHaveLength(1);
    expect(message.failures[0].errorMessage).toContain('The result is Int, but an input needs an Object');
  });

  test('sends an Object as one message', async () => {
    const rig = await startRules();
    await rig.create('pumps', { sql: all, actions: [toInput({ batchMode: true })] });
    await rig.publish('pumps/1', '{"n":1}');
    expect(rig.messages).toHaveLength(1);
  });
});

describe('failures', () => {
  test.each([
    ["SELECT VALUE a FROM 'pumps/+'", {}, '{"a":[1]}', 'The result is Array'],
    ["SELECT VALUE nothing FROM 'pumps/+'", {}, '{}', 'The result is Undefined'],
    [all, {}, 'raw', 'The result is Binary'],
    [all, { messageId: '${nothing}' }, '{}', "The messageId ''"],
    [all, { messageId: 'a:b' }, '{}', "The messageId 'a:b'"],
    [all, { inputName: '${nothing}' }, '{}', "'' is not the name of an input"],
    [all, {}, `{"a":"${'x'.repeat(2000)}"}`, 'Payload size of 2008 bytes exceeds the limit 1024'],
    [all, {}, '{"a":1E999}', 'outside the range of a Decimal'],
  ])('%s with %j on %s', async (sql, more, payload, message) => {
    const rig = await startRules();
    const errorAction = { republish: { topic: 'errors/${topic(2)}', roleArn, qos: 1 } };
    await rig.create('pumps', { sql, actions: [toInput(more)], errorAction });
    await rig.publish('pumps/1', payload);
    expect(rig.messages).toEqual([]);
    expect(rig.published).toMatchObject([{ topic: 'errors/1', qos: 1, hops: 1 }]);
    expect(JSON.parse(String(rig.published[0]?.payload)).failures[0].errorMessage).toContain(message);
  });

  test('are reported once, all together, as documented', async () => {
    const rig = await startRules({
      answer: ({ inputName }) =>
        inputName === 'Pumps'
          ? undefined
          : { code: 'ResourceNotFoundException', message: 'Input of name: No not found' },
    });
    await rig.create('pumps', {
      sql: all,
      actions: [
        toInput(),
        toInput({ inputName: 'No', messageId: 'x' }),
        { republish: { topic: 'a/#', roleArn } },
      ],
      errorAction: toInput({ inputName: 'Pumps', messageId: '${newuuid()}' }),
    });
    await rig.publish('pumps/1', '{"a":1}', { sourceIp: '192.0.2.7' });
    expect(rig.messages).toHaveLength(2);
    expect(JSON.parse(rig.messages[1]?.payload ?? '')).toEqual({
      ruleName: 'pumps',
      topic: 'pumps/1',
      cloudwatchTraceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      clientId: 'device-1',
      sourceIp: '192.0.2.7',
      base64OriginalPayload: 'eyJhIjoxfQ==',
      failures: [
        {
          failedAction: 'IotEventsAction',
          failedResource: 'No',
          errorMessage:
            'Failed to send message to Iot Events. The error received was ResourceNotFoundException: Input of name: ' +
            'No not found. Message arrived on: pumps/1, Action: iotEvents, Input: No, MessageId: "x"',
        },
        {
          failedAction: 'RepublishAction',
          failedResource: 'a/#',
          errorMessage: expect.stringContaining('wildcard'),
        },
      ],
    });
    expect(await rig.count('rule_error_action_success', { rule: 'pumps' })).toBe(1);
  });

  test('of the errorAction itself are counted, and the message is finished', async () => {
    const rig = await startRules({ republisher: 'none' });
    await rig.create('pumps', {
      sql: all,
      actions: [{ republish: { topic: 'a', roleArn } }],
      errorAction: { republish: { topic: 'b', roleArn } },
    });
    await rig.publish('pumps/1', '{}');
    expect(await rig.count('rule_error_action_failure', { rule: 'pumps', action: 'republish' })).toBe(1);
  });

  test('are logged with the names of AWS, as are rules and successes at level debug', async () => {
    const entries: object[] = [];
    const keep = (entry: object) => void entries.push(entry);
    const log = { ...quietLog, debug: keep, error: keep, isLevelEnabled: () => true };
    const rig = await startRules({ log });
    await rig.create('pumps', { sql: all, actions: [toInput(), { republish: { topic: 'a/#', roleArn } }] });
    await rig.publish('pumps/1', '{}');
    await rig.publish('$aws/rules/none/a', '{}');
    const common = { ruleName: 'pumps', topic: 'pumps/1', traceId: expect.any(String) };
    expect(entries).toEqual([
      { eventType: 'RuleMatch', ...common },
      { eventType: 'StartingRuleExecution', ...common },
      {
        ...{ eventType: 'RuleExecution', ...common, clientId: 'device-1', ruleAction: 'RepublishAction' },
        ...{ resources: ['a/#'], status: 'Failure', errorMessage: expect.stringContaining('wildcard') },
      },
      { eventType: 'RuleExecution', ...common, ruleAction: 'IotEventsAction', status: 'Success' },
      { eventType: 'RuleNotFound', ruleName: 'none', topic: '$aws/rules/none/a' },
    ]);
  });

  test('have the id that the publisher was told', async () => {
    const ids: unknown[] = [];
    const log = { ...quietLog, error: ({ traceId }: { traceId?: string }) => void ids.push(traceId) };
    const rig = await startRules({ log });
    const errorAction = { republish: { topic: 'failed', roleArn } };
    await rig.create('pumps', { sql: all, actions: [{ republish: { topic: 'a/#', roleArn } }], errorAction });
    await rig.publish('pumps/1', '{}', { via: 'http', traceId: 'told' });
    expect(ids).toEqual(['told']);
    const failures = rig.published.map(({ payload }) => JSON.parse(String(payload)));
    expect(failures).toMatchObject([{ cloudwatchTraceId: 'told' }]);
  });

  test('count an errorAction of an unsupported kind as skipped, a success does not', async () => {
    const rig = await startRules({ unsupportedActions: 'skip' });
    const actions = [{ republish: { topic: '${to}', roleArn } }];
    const { warnings } = await rig.create('pumps', { sql: all, actions, errorAction: { sqs: {} } });
    expect(warnings).toEqual(['Its action sqs is stored but not run']);
    await rig.publish('pumps/1', '{"to":"a"}');
    expect(await rig.count('rule_actions_skipped', { rule: 'pumps' })).toBe(0);
    await rig.publish('pumps/1', '{"to":"#"}');
    expect(await rig.count('rule_actions_skipped', { rule: 'pumps', action: 'sqs' })).toBe(1);
  });

  test('of the statement run no errorAction', async () => {
    const rig = await startRules({ limits: { sqlSteps: 5 } });
    await rig.create('pumps', {
      sql: "SELECT (SELECT * FROM list) AS x FROM 'pumps/+'",
      actions: [toInput()],
      errorAction: { republish: { topic: 'b', roleArn } },
    });
    await rig.publish('pumps/1', '{"list":[1,2,3,4,5,6,7,8,9]}');
    expect(rig.published).toEqual([]);
    expect(await rig.count('rule_sql_failure', { rule: 'pumps' })).toBe(1);
  });
});

test('a message without a usable key is reported as in AWS IoT', async () => {
  const message = 'The payload has no value at the key pump of detector model Pressure';
  const rig = await startRules({ answer: () => ({ code: 'InvalidRequestException', message }) });
  const errorAction = { republish: { topic: 'errors', roleArn } };
  await rig.create('pumps', { sql: all, actions: [toInput({ messageId: 'a' })], errorAction });
  await rig.publish('pumps/1', '{}');
  const { failures } = JSON.parse(String(rig.published[0]?.payload)) as { failures: object[] };
  expect(failures).toEqual([
    {
      failedAction: 'IotEventsAction',
      failedResource: 'Pumps',
      errorMessage: `Failed to send message to Iot Events. The error received was InvalidRequestException: ${message}. Verify the Input Attribute key. Message arrived on: pumps/1, Action: iotEvents, Input: Pumps, MessageId: "a"`,
    },
  ]);
});

describe('republish', () => {
  test.each([
    ["SELECT a FROM 'pumps/+'", '${topic()}/copy', '{"a":1}', 'pumps/1/copy', '{"a":1}'],
    ["SELECT * FROM 'pumps/+'", 'copy', 'raw \u0000', 'copy', 'raw \u0000'],
    ["SELECT VALUE a FROM 'pumps/+'", 'copy', '{}', 'copy', ''],
    [all, '$$aws/things/${a}/shadow/update', '{"a":"T"}', '$aws/things/T/shadow/update', '{"a":"T"}'],
  ])('%s to %s', async (sql, topic, payload, expectedTopic, expected) => {
    const rig = await startRules();
    await rig.create('copy', { sql, actions: [{ republish: { topic, roleArn } }] });
    await rig.publish('pumps/1', payload);
    expect(rig.published.map((each) => [each.topic, String(each.payload), each.qos])).toEqual([
      [expectedTopic, expected, 0],
    ]);
  });

  test.each(['${nothing}', '$aws/things/x', 'a/+/b', 'x'.repeat(257)])(
    'refuses the topic %s',
    async (topic) => {
      const rig = await startRules();
      await rig.create('copy', { sql: all, actions: [{ republish: { topic, roleArn } }] });
      await rig.publish('pumps/1', '{}');
      expect(rig.published).toEqual([]);
      expect(await rig.count('rule_action_failure', { rule: 'copy', action: 'republish' })).toBe(1);
    },
  );

  test('ends a loop after eight rules with the errorAction', async () => {
    const rig = await startRules();
    await rig.create('loop', {
      sql: "SELECT n + 1 AS n FROM 'loop'",
      actions: [{ republish: { topic: 'loop', roleArn } }],
      errorAction: toInput({ messageId: 'looped' }),
    });
    await rig.publish('loop', '{"n":0}');
    expect(rig.published.map(({ hops }) => hops)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(rig.messages).toHaveLength(1);
  });

  test('reports a loop through an errorAction that publishes, and through one that returns once', async () => {
    const rig = await startRules();
    const republish = (topic: string) => ({ republish: { topic, roleArn } });
    await rig.create('loop', {
      sql: "SELECT * FROM 'loop'",
      actions: [republish('loop')],
      errorAction: republish('errors'),
    });
    await rig.publish('loop', '{}');
    expect(rig.published.at(-1)).toMatchObject({ topic: 'errors', hops: 9 });
    expect(await rig.count('rule_error_action_success', { rule: 'loop' })).toBe(1);
    await rig.create('again', {
      sql: "SELECT * FROM 'again'",
      actions: [republish('again')],
      errorAction: republish('again'),
    });
    await rig.publish('again', '{}');
    expect(rig.published.at(-1)).toMatchObject({ topic: 'again', hops: 9 });
    expect(await rig.count('rule_error_action_failure', { rule: 'again' })).toBe(1);
  });

  test('measures a topic without the prefix of Basic Ingest', async () => {
    const rig = await startRules();
    const topic = `$aws/rules/other/${'x'.repeat(256)}`;
    await rig.create('long', { sql: all, actions: [{ republish: { topic: `$${topic}`, roleArn } }] });
    await rig.publish('pumps/1', '{}');
    expect(rig.published).toEqual([]);
    expect(await rig.count('rule_not_found')).toBe(1);
    expect(await rig.count('rule_action_success', { rule: 'long' })).toBe(1);
  });

  test('leaves the rules to the broker when messages return from it', async () => {
    const rig = await startRules({ republisher: { comesBack: true } });
    await rig.create('loop', {
      sql: "SELECT * FROM 'loop'",
      actions: [{ republish: { topic: 'loop', roleArn } }],
    });
    await rig.publish('loop', '{"n":0}');
    expect(rig.published).toHaveLength(1);
  });

  test('renders headers as MQTT 5 properties', async () => {
    const rig = await startRules();
    const headers = {
      contentType: '${type}',
      messageExpiry: '60',
      payloadFormatIndicator: 'UTF8_DATA',
      correlationData: 'AQI=',
      userProperties: [{ key: 'pump', value: '${topic(2)}' }],
    };
    await rig.create('copy', { sql: all, actions: [{ republish: { topic: 'copy', roleArn, headers } }] });
    await rig.publish('pumps/1', '{"type":"text/plain"}');
    expect(rig.published[0]?.properties).toEqual({
      contentType: 'text/plain',
      messageExpiry: 60,
      payloadFormatIndicator: true,
      correlationData: Buffer.from([1, 2]),
      responseTopic: undefined,
      userProperties: [{ key: 'pump', value: '1' }],
    });
  });
});

test('headers on a connection without MQTT 5 are reported once', async () => {
  const warnings: unknown[] = [];
  const log = { ...quietLog, warn: (_fields: object, text?: string) => void warnings.push(text) };
  const rig = await startRules({ log, republisher: { hasProperties: false } });
  const republish = { topic: 'copy', roleArn, headers: { contentType: 'json' } };
  await rig.create('with', { sql: all, actions: [{ republish }] });
  await rig.create('without', { sql: all, actions: [{ republish: { topic: 'copy', roleArn } }] });
  await rig.publish('pumps/1', '{}');
  await rig.publish('pumps/2', '{}');
  expect(rig.published).toHaveLength(4);
  expect(warnings).toEqual([expect.stringContaining('the connection has no MQTT 5')]);
});

describe('Basic Ingest', () => {
  test('reaches the rule that it names, whatever its FROM, without the prefix', async () => {
    const rig = await startRules();
    await rig.create('BuildingManager', {
      sql: 'SELECT topic() AS t, topic(3) AS floor',
      actions: [toInput()],
    });
    await rig.create('other', { sql: "SELECT * FROM '#'", actions: [toInput()] });
    await rig.publish('$aws/rules/BuildingManager/Buildings/Building5/Floor2/Room201/Lights', '{}');
    expect(rig.messages.map(({ payload }) => payload)).toEqual([
      '{"t":"Buildings/Building5/Floor2/Room201/Lights","floor":"Floor2"}',
    ]);
  });

  test('for an unknown or disabled rule is dropped and counted', async () => {
    const rig = await startRules();
    await rig.create('off', { sql: all, actions: [toInput()], ruleDisabled: true });
    await rig.publish('$aws/rules/off/x', '{}');
    await rig.publish('$aws/rules/none/x', '{}');
    expect(rig.messages).toEqual([]);
    expect(await rig.count('rule_not_found')).toBe(2);
  });
});

test('subscriptions are those required by the rules, and changes are announced', async () => {
  const rig = await startRules();
  const seen: (readonly string[])[] = [];
  rig.engine.onChange(() => seen.push(rig.engine.filters()));
  await rig.create('a', { sql: "SELECT * FROM 'site/#'", actions: [toInput()] });
  await rig.create('b', { sql: "SELECT * FROM 'site/1/+'", actions: [toInput()] });
  await rig.create('c', { sql: "SELECT * FROM 'other'", actions: [toInput()], ruleDisabled: true });
  const properties = '$aws/sitewise/asset-models/+/assets/+/properties/+';
  expect(seen.at(-1)).toEqual(['$aws/rules/+/#', properties, 'site/#']);
  await rig.rules.setDisabled('c', false);
  await rig.rules.delete('a');
  expect(seen.at(-1)).toEqual(['$aws/rules/+/#', properties, 'other', 'site/1/+']);
});
