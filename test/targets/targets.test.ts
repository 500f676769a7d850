import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import type { Execution } from '../../src/runtime/delivery/execution.ts';
import type { TestServer } from '../support/server.ts';
import { AWS_CASES, DYNAMODB_CASES, MQTT_CASES, SITEWISE_CASES, type TargetCase } from './cases.ts';
import {
  hasMosquitto,
  hasMoto,
  type Peer,
  runScript,
  startDynalite,
  startMosquitto,
  startMoto,
  startWiretap,
} from './peers.ts';
import { createModel, faults, forResource, play, ROLE, startSending } from './play.ts';

/**
 * Every action with every parameter, against independent implementations of the targets. `npm run targets` runs only
 * this.
 */

const WITHOUT_MOTO = hasMoto ? '' : ' (skipped: no AWS emulator; npm run provision says why)';
const WITHOUT_MOSQUITTO = hasMosquitto ? '' : ' (skipped: no mosquitto; npm run provision says why)';
const SETUP = 180_000;

test.runIf(process.env.CI)(`CI has all targets${process.env.CI ? '' : ' (skipped: this is not CI)'}`, () => {
  expect({ hasMoto, hasMosquitto }).toEqual({ hasMoto: true, hasMosquitto: true });
});

const table: [target: string, type: string, cases: number][] = [];
let requestsChecked = 0;

afterAll(() => {
  const lines = table.map(([target, type, cases]) => `${target.padEnd(26)} ${type.padEnd(16)} ${cases}`);
  const total = table.reduce((sum, [, , cases]) => sum + cases, 0);
  console.log(
    `targets:\n${lines.join('\n')}\n${total} arrivals checked, ${requestsChecked} requests held against AWS's own service models`,
  );
});

function note(target: string, cases: readonly { readonly type: string }[]): void {
  for (const type of new Set(cases.map((each) => each.type)))
    table.push([target, type, cases.filter((each) => each.type === type).length]);
}

function useAws(endpoints: Readonly<Record<string, string>>): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  for (const [name, url] of Object.entries(endpoints)) vi.stubEnv(name, url);
}

interface Played {
  readonly executions: ReadonlyMap<string, Execution>;
  readonly arrived: Readonly<Record<string, readonly unknown[]>>;
}

/** Creates the cases' resources and models, sends one message to all, and reads back the results. */
async function playCases(
  server: TestServer,
  cases: readonly TargetCase[],
  peers: { readonly url: string | null; readonly dynamodb: string },
): Promise<Played> {
  const resources = await runScript<Record<string, string>>('prepare.py', { ...peers, cases });
  for (const { name, action } of cases)
    await createModel(server, name, forResource(action, resources[name] ?? name));
  const executions = await play(server);
  const arrived = await runScript<Record<string, unknown[]>>('read_back.py', { ...peers, cases });
  return { executions, arrived };
}

describe.runIf(hasMoto)(`SNS, SQS, Lambda, Firehose, DynamoDB and AWS IoT of moto${WITHOUT_MOTO}`, () => {
  const cases = [...AWS_CASES, ...MQTT_CASES];
  const peers: { stop(): Promise<void> }[] = [];
  let server: TestServer;
  let played: Played;
  let wiretap: Awaited<ReturnType<typeof startWiretap>>;

  beforeAll(async () => {
    const moto = await startMoto();
    wiretap = await startWiretap(moto.url);
    peers.push(wiretap, moto);
    useAws({ AWS_ENDPOINT_URL: wiretap.url });
    server = await startSending();
    played = await playCases(server, cases, { url: moto.url, dynamodb: moto.url });
    note('moto', cases);
  }, SETUP);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.dispose();
    for (const peer of peers) await peer.stop();
  });

  test.each(cases)('$name', ({ name, arrives, type }) => {
    expect(played.executions.get(name)).toMatchObject({ status: 'DELIVERED', attempts: 1, type });
    const all = played.arrived[name] ?? [];
    // The emulator records all published messages, whatever the topic.
    const own =
      type === 'iotTopicPublish' ? all.filter((each) => topicOf(each) === topicOf(arrives[0])) : all;
    expect(parsed(own, arrives)).toEqual(sent(arrives, type));
  });

  test("each request is what AWS's own Python client would have sent", async () => {
    const { checked, faults: found } = await faults(played.executions.values(), wiretap.wires);
    requestsChecked += checked;
    expect(found).toEqual([]);
  });
});

/** The AWS IoT data plane has quality of service and retain flag in the query. */
function sent(arrives: readonly unknown[], type: string): readonly unknown[] {
  if (type !== 'iotTopicPublish') return arrives;
  return arrives.map((each) => ({ ...(each as object), query: 'qos=0' }));
}

function topicOf(published: unknown): string {
  return (published as { readonly topic: string }).topic;
}

/** A text with the default payload is compared after parsing. */
function parsed(arrived: readonly unknown[], arrives: readonly unknown[]): readonly unknown[] {
  return arrived.map((each, index) => align(each, arrives[index]));
}

function align(value: unknown, like: unknown): unknown {
  const shape = (like as { readonly sample?: unknown } | undefined)?.sample ?? like;
  if (typeof value === 'string' && typeof shape === 'object') return JSON.parse(value);
  if (typeof value !== 'object' || value === null || typeof shape !== 'object' || shape === null)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'body' || name === 'Message'
        ? align(member, (shape as Record<string, unknown>)[name])
        : member,
    ]),
  );
}

describe.runIf(hasMoto)(`DynamoDB once more, of dynalite${WITHOUT_MOTO}`, () => {
  let peer: Peer;
  let server: TestServer;
  let played: Played;

  beforeAll(async () => {
    peer = await startDynalite();
    useAws({ AWS_ENDPOINT_URL_DYNAMODB: peer.url });
    server = await startSending();
    played = await playCases(server, DYNAMODB_CASES, { url: null, dynamodb: peer.url });
    note('dynalite', DYNAMODB_CASES);
  }, SETUP);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.dispose();
    await peer?.stop();
  });

  test.each(DYNAMODB_CASES)('$name', ({ name, arrives }) => {
    expect(played.executions.get(name)).toMatchObject({ status: 'DELIVERED', attempts: 1 });
    const byKey = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort();
    expect(byKey(played.arrived[name] ?? []).map((item) => JSON.parse(item))).toEqual(arrives);
  });
});

describe.runIf(hasMosquitto)(`Mosquitto${WITHOUT_MOSQUITTO}`, () => {
  let broker: Peer;
  let server: TestServer;
  let executions: ReadonlyMap<string, Execution>;
  const arrived: { topic: string; body: string; qos: number; retain: boolean }[] = [];

  beforeAll(async () => {
    broker = await startMosquitto();
    const listener = await connectAsync(broker.url);
    listener.on('message', (topic, body, { qos, retain }) =>
      arrived.push({ topic, body: body.toString(), qos, retain }),
    );
    await listener.subscribeAsync('#', { qos: 2 });
    server = await startSending({ mqttUrl: broker.url });
    for (const { name, action } of MQTT_CASES) await createModel(server, name, action);
    executions = await play(server);
    // When this message arrives, all earlier ones have arrived.
    const last = new Promise((resolve) =>
      listener.on('message', (topic) => topic === 'last' && resolve(topic)),
    );
    await listener.publishAsync('last', '');
    await last;
    await vi.waitFor(() => expect(arrived.length).toBeGreaterThan(MQTT_CASES.length));
    await listener.endAsync();
    note('mosquitto', MQTT_CASES);
  }, SETUP);

  afterAll(async () => {
    await server?.dispose();
    await broker?.stop();
  });

  test.each(MQTT_CASES)('$name', ({ name, arrives }) => {
    expect(executions.get(name)).toMatchObject({ status: 'DELIVERED', attempts: 1 });
    const [expected] = arrives as [object];
    const own = arrived.filter((each) => topicOf(each) === topicOf(expected));
    expect(parsed(own, arrives)).toEqual([{ ...expected, qos: 1, retain: false }]);
  });
});

describe('another input of this server', () => {
  let server: TestServer;
  const received = new Map<string, string>();
  const rows = [
    {
      name: 'json',
      payload: { contentExpression: `'{"x":"\${$input.Probe.site}"}'`, type: 'JSON' },
      x: 'north',
    },
    { name: 'text that is JSON', payload: { contentExpression: `'{"x":"y"}'`, type: 'STRING' }, x: 'y' },
    { name: 'default', payload: undefined, x: 'k1' },
  ].map((row, index) => ({ ...row, inputName: `In${index}`, sender: `sender-${index}` }));

  beforeAll(async () => {
    server = await startSending();
    const client = new ApiClient(server.url);
    for (const { inputName, sender, payload } of rows) {
      const attributes = ['x', 'payload.detector.keyValue'].map((jsonPath) => ({ jsonPath }));
      await client.call('POST', '/inputs', { inputName, inputDefinition: { attributes } });
      await createModel(server, sender, { iotEvents: { inputName, ...(payload && { payload }) } });
      await client.call('POST', '/detector-models', keeps(inputName));
    }
    await play(server);
    for (const { inputName } of rows) {
      const { detector } = await client.call('GET', `/detectors/keeps-${inputName}/keyValues`);
      const { variables } = (detector as { state: { variables: { name: string; value: string }[] } }).state;
      received.set(inputName, variables[0]?.value ?? '');
    }
    note(
      'this server',
      rows.map(() => ({ type: 'iotEvents' })),
    );
  }, SETUP);

  afterAll(() => server?.dispose());

  test.each(rows)('gets $name', ({ inputName, x }) => {
    expect(JSON.parse(received.get(inputName) ?? '')).toBe(x);
  });
});

function entryIdOf(input: unknown): string | undefined {
  return (input as { readonly entries: readonly { readonly entryId: string }[] } | undefined)?.entries[0]
    ?.entryId;
}

/** A model that stores what its input contains. */
function keeps(inputName: string): object {
  const events = ['$input.I.x', '$input.I.payload.detector.keyValue'].map((reference, index) => ({
    eventName: `keep-${index}`,
    condition: `!isUndefined(${reference.replace('.I.', `.${inputName}.`)})`,
    actions: [{ setVariable: { variableName: 'x', value: reference.replace('.I.', `.${inputName}.`) } }],
  }));
  return {
    detectorModelName: `keeps-${inputName}`,
    roleArn: ROLE,
    detectorModelDefinition: { initialStateName: 'A', states: [{ stateName: 'A', onInput: { events } }] },
  };
}

describe.runIf(hasMoto)(`what a target refuses${WITHOUT_MOTO}`, () => {
  const ARN = 'us-east-1:123456789012';
  const rows: [name: string, action: object, error: string][] = [
    ['sns', { sns: { targetArn: `arn:aws:sns:${ARN}:none` } }, 'NotFound'],
    ['sqs', { sqs: { queueUrl: 'http://127.0.0.1/123456789012/none' } }, 'QueueDoesNotExist'],
    // Not Lambda: the emulator accepts events for missing functions.
    ['firehose', { firehose: { deliveryStreamName: 'none' } }, 'ResourceNotFoundException'],
    [
      'dynamoDB',
      { dynamoDB: { tableName: "'none'", hashKeyField: "'id'", hashKeyValue: "'x'" } },
      'ResourceNotFoundException',
    ],
    ['dynamoDBv2', { dynamoDBv2: { tableName: "'none'" } }, 'ResourceNotFoundException'],
    ['iotEvents', { iotEvents: { inputName: 'None' } }, 'Input of name: None not found'],
  ];
  let moto: Peer;
  let server: TestServer;
  let executions: ReadonlyMap<string, Execution>;

  beforeAll(async () => {
    moto = await startMoto();
    useAws({ AWS_ENDPOINT_URL: moto.url });
    server = await startSending();
    const client = new ApiClient(server.url);
    const none = { inputName: 'None', inputDefinition: { attributes: [{ jsonPath: 'x' }] } };
    await client.call('POST', '/inputs', none);
    for (const [name, action] of rows) await createModel(server, name, action);
    await fetch(`${server.url}/inputs/None`, { method: 'DELETE' });
    executions = await play(server);
  }, SETUP);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.dispose();
    await moto?.stop();
  });

  test.each(rows)('%s is FAILED after one attempt, with the error of the service', (name, _action, error) => {
    expect(executions.get(name)).toMatchObject({ status: 'FAILED', attempts: 1 });
    expect(executions.get(name)?.lastError).toContain(error);
  });

  test('is sent again once the target is there', async () => {
    const resource = await runScript<Record<string, string>>('prepare.py', {
      ...{ url: moto.url, dynamodb: moto.url },
      cases: [{ name: 'none', type: 'firehose' }],
    });
    expect(resource).toEqual({ none: 'none' });
    const id = executions.get('firehose')?.actionExecutionId ?? '';
    const again = await fetch(`${server.url}/_tripline/actions/${id}/redrive`, { method: 'POST' });
    expect(await again.json()).toMatchObject({ action: { status: 'PENDING', attempts: 0 } });
    await vi.waitFor(
      async () => expect((await server.host.actions.get(id)).status).toBe('DELIVERED'),
      10_000,
    );
  });
});

describe.runIf(hasMoto)(`roles${WITHOUT_MOTO}`, () => {
  let moto: Peer;
  let wiretap: Awaited<ReturnType<typeof startWiretap>>;
  let server: TestServer;

  beforeAll(async () => {
    moto = await startMoto();
    wiretap = await startWiretap(moto.url);
    useAws({ AWS_ENDPOINT_URL: wiretap.url });
    server = await startSending({ assumeRole: true });
  }, SETUP);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.dispose();
    await wiretap?.stop();
    await moto?.stop();
  });

  test('each model acts under its own, assumed once for as long as its credentials last', async () => {
    const cases = ['one', 'two'].map((name) => ({ name, type: 'sqs' }));
    const resources = await runScript<Record<string, string>>('prepare.py', {
      ...{ url: moto.url, dynamodb: moto.url },
      cases,
    });
    for (const name of ['one', 'two']) {
      const action = { sqs: { queueUrl: resources[name] } };
      await createModel(server, name, action, `arn:aws:iam::123456789012:role/${name}`);
    }
    await play(server, 'm1');
    await play(server, 'm2');
    const assumed = wiretap.wires.filter(({ body }) => body.includes('Action=AssumeRole'));
    const roles = assumed.map(({ body }) => new URLSearchParams(body).get('RoleArn'));
    expect(roles.sort()).toEqual(['one', 'two'].map((name) => `arn:aws:iam::123456789012:role/${name}`));
    const keys = wiretap.wires
      .filter(({ headers }) => headers['x-amz-target'] === 'AmazonSQS.SendMessage')
      .map(({ headers }) => [
        String(headers.authorization).match(/Credential=([^/]+)/)?.[1],
        headers['x-amz-security-token'] !== undefined,
      ]);
    expect(keys).toHaveLength(4);
    expect(new Set(keys.map(([key]) => key)).size).toBe(2);
    expect(keys.every(([key, hasToken]) => key !== 'test' && hasToken)).toBe(true);
  });
});

describe.runIf(hasMoto)(`SiteWise, by AWS's own service model${WITHOUT_MOTO}`, () => {
  let server: TestServer;
  let wiretap: Awaited<ReturnType<typeof startWiretap>>;
  let executions: ReadonlyMap<string, Execution>;
  const modelName = (index: number) => `sitewise-${index}`;

  beforeAll(async () => {
    wiretap = await startWiretap(undefined);
    useAws({ AWS_ENDPOINT_URL_IOTSITEWISE: wiretap.url });
    server = await startSending();
    for (const [index, [, action]] of SITEWISE_CASES.entries())
      await createModel(server, modelName(index), { iotSiteWise: action });
    executions = await play(server);
    note(
      "botocore's model",
      SITEWISE_CASES.map(() => ({ type: 'iotSiteWise' })),
    );
  }, SETUP);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.dispose();
    await wiretap?.stop();
  });

  test.each(SITEWISE_CASES.map(([name, , entry], index) => ({ name, entry, index })))(
    '$name',
    ({ entry, index }) => {
      const execution = executions.get(modelName(index));
      expect(execution).toMatchObject({ status: 'DELIVERED', attempts: 1 });
      expect(execution?.request?.input).toEqual({ entries: [entry] });
      const wire = wiretap.wires.find(
        ({ body }) => entryIdOf(JSON.parse(body)) === entryIdOf(execution?.request?.input),
      );
      expect(JSON.parse(wire?.body ?? '')).toEqual(execution?.request?.input);
      expect(wire).toMatchObject({ method: 'POST', path: '/properties', status: 200 });
    },
  );

  test("each request is what AWS's own Python client would have sent", async () => {
    const { checked, faults: found } = await faults(executions.values(), wiretap.wires);
    requestsChecked += checked;
    expect(found).toEqual([]);
  });
});
