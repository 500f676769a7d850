import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startBalancer } from '../../src/cluster/balancer.ts';
import { resolveConfig, type ServeConfig } from '../../src/server/config.ts';
import { createLog } from '../../src/server/log.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import { hasMosquitto, Mosquitto } from '../support/mosquitto.ts';
import { describeTopicRules } from '../support/rules-suite.ts';
import { freePort } from '../support/server-process.ts';
import { countingModel } from '../support/service.ts';
import { type ClusterRig, enlist, startCluster, WHY_NOT, workerOf } from './rig.ts';

/** Topic rules in a cluster: created through one front, active at every one. */
const PATIENT = { timeout: 20_000, interval: 100 };
const roleArn = 'arn:aws:iam::000000000000:role/Rules';

describe.skipIf(WHY_NOT !== undefined)(`the fronts of a cluster (${WHY_NOT ?? 'runs'})`, () => {
  let rig: ClusterRig;
  beforeAll(async () => {
    rig = await startCluster(1);
  }, 120_000);
  afterAll(() => rig.dispose());

  /** A front with its own settings. */
  async function front(port: number, clusterName: string, settings: Partial<ServeConfig> = {}) {
    const { ingressUrl: restateIngress, adminUrl: restateAdmin } = rig;
    const flags = { engine: 'restate', port: String(port), logLevel: 'silent' };
    const config = { ...resolveConfig(flags, {}), restateIngress, restateAdmin, clusterName, ...settings };
    return startServer(config, createLog('silent'));
  }

  /** A separate cluster with its own name and two fronts. */
  async function cluster(name: string, settings: Partial<ServeConfig> = {}) {
    const worker = await workerOf(rig, 0, { cluster: name });
    await enlist(rig, worker, { cluster: name });
    const ports = [await freePort(), await freePort()];
    const fronts = await Promise.all(ports.map((port) => front(port, name, settings)));
    const clients = fronts.map(({ url }) => new ApiClient(url));
    return {
      ...{ ports, fronts, clients },
      async dispose() {
        await Promise.all(fronts.map((each) => each.close()));
        await worker.close();
      },
    };
  }

  const rule = (filter: string, inputName = 'Pumps') => ({
    sql: `SELECT * FROM '${filter}'`,
    awsIotSqlVersion: '2016-03-23',
    actions: [{ iotEvents: { inputName, roleArn } }],
  });
  const namesOf = async (client: ApiClient | undefined) => {
    const listed = await client?.call('GET', '/rules');
    const rules = (listed?.rules ?? []) as { ruleName: string }[];
    return rules.map(({ ruleName }) => ruleName);
  };

  describe('behind one address', () => {
    // Connections go to the fronts in turn.
    describeTopicRules(async () => {
      const own = await cluster('behind');
      const balancer = await startBalancer(own.ports);
      return {
        url: balancer.url,
        urls: own.fronts.map(({ url }) => url),
        async dispose() {
          await balancer.close();
          await own.dispose();
        },
      };
    });
  });

  test('change the rules at the same time, and none of the changes is lost', async () => {
    const { clients, dispose } = await cluster('together');
    const names = Array.from({ length: 12 }, (_, index) => `rule_${String(index).padStart(2, '0')}`);
    await Promise.all(
      names.map((name, index) => clients[index % 2]?.call('POST', `/rules/${name}`, rule(name))),
    );
    for (const client of clients) expect(await namesOf(client)).toEqual(names);
    const tag = (name: string, Key: string) => ({
      resourceArn: `arn:aws:iot:us-east-1:000000000000:rule/${name}`,
      tags: [{ Key, Value: 'x' }],
    });
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((key, index) =>
        clients[index % 2]?.call('POST', '/tags', tag('rule_00', key)),
      ),
    );
    const { resourceArn } = tag('rule_00', '');
    const listed = await clients[0]?.call('GET', `/tags?resourceArn=${encodeURIComponent(resourceArn)}`);
    const tags = (listed?.tags ?? []) as { Key: string }[];
    expect(tags.map(({ Key }) => Key).sort()).toEqual(['a', 'b', 'c', 'd']);
    await Promise.all(names.map((name, index) => clients[(index + 1) % 2]?.call('DELETE', `/rules/${name}`)));
    for (const client of clients) expect(await namesOf(client)).toEqual([]);
    await dispose();
  }, 60_000);

  test('have each their own rules of the configuration file, beside those of all', async () => {
    const { ports, clients, fronts, dispose } = await cluster('configured');
    await clients[0]?.call('POST', '/rules/made', rule('made'));
    await fronts[0]?.close();
    const payload = rule('fixed') as ServeConfig['topicRules'][number]['payload'];
    fronts[0] = await front(ports[0] ?? 0, 'configured', { topicRules: [{ ruleName: 'fixed', payload }] });
    expect(await namesOf(clients[0])).toEqual(['fixed', 'made']);
    expect(await namesOf(clients[1])).toEqual(['made']);
    await expect(clients[0]?.call('DELETE', '/rules/fixed')).rejects.toThrow('in the configuration file');
    await dispose();
  }, 60_000);

  describe.runIf(hasMosquitto)(
    `share an MQTT broker${hasMosquitto ? '' : ' (skipped: no Mosquitto)'}`,
    () => {
      let mosquitto: Mosquitto;
      let device: MqttClient;
      beforeAll(async () => {
        mosquitto = await Mosquitto.start();
        device = await connectAsync(mosquitto.url);
      });
      afterAll(async () => {
        await device.endAsync(true);
        await mosquitto.dispose();
      });

      test('and each message counts once, while rules change and a front is restarted', async () => {
        const own = await cluster('shared', { mqttUrl: mosquitto.url });
        const [client] = own.clients;
        for (const name of ['Pumps', 'Wide']) {
          await client?.call('POST', '/inputs', {
            inputName: name,
            inputDefinition: { attributes: [{ jsonPath: 'id' }] },
          });
          await client?.call('POST', '/detector-models', countingModel(name, name));
        }
        const say = (id: string) => device.publishAsync('pumps/1', JSON.stringify({ id }), { qos: 1 });
        const count = async (model: string, id: string): Promise<number> => {
          const path = `/detectors/${model}/keyValues/?keyValue=${id}`;
          const response = await fetch(`${own.fronts[0]?.url}${path}`);
          if (response.status === 404) return 0;
          const { detector } = (await response.json()) as {
            detector: { state: { variables: { name: string; value: string }[] } };
          };
          return Number(detector.state.variables.find(({ name }) => name === 'n')?.value);
        };
        /** Messages evaluated by a front's rule so far. */
        const matches = async ({ url }: Server, name: string): Promise<number> => {
          const metrics = await (await fetch(`${url}/metrics`)).text();
          const found = metrics.match(`tripline_rule_topic_match_total{rule="${name}"} (\\d+)`);
          return Number(found?.[1] ?? 0);
        };
        /** Publishes until each front has received a message that the rule matches. */
        const untilTaken = async (name: string, fronts: readonly Server[]) => {
          const before = await Promise.all(fronts.map((each) => matches(each, name)));
          await vi.waitFor(async () => {
            await say('probe');
            for (const [index, each] of fronts.entries())
              expect(await matches(each, name)).toBeGreaterThan(before[index] ?? 0);
          }, PATIENT);
        };

        await client?.call('POST', '/rules/Pumps', rule('pumps/+'));
        await untilTaken('Pumps', own.fronts);
        for (let n = 0; n < 40; n++) await say('both');
        await vi.waitFor(async () => expect(await count('Pumps', 'both')).toBe(40), PATIENT);

        // While it is away, its share waits at the broker, and the other front subscribes to a filter that covers the
        // first.
        await own.fronts[1]?.close();
        await client?.call('POST', '/rules/Wide', rule('#', 'Wide'));
        await untilTaken('Wide', own.fronts.slice(0, 1));
        own.fronts[1] = await front(own.ports[1] ?? 0, 'shared', { mqttUrl: mosquitto.url });
        await untilTaken('Wide', own.fronts);
        const counts = async (id: string) => [await count('Pumps', id), await count('Wide', id)];
        // While a front subscribes to both filters, a message may count twice.
        let round = 0;
        await vi.waitFor(async () => {
          const id = `round-${++round}`;
          for (let n = 0; n < 20; n++) await say(id);
          await vi.waitFor(async () => expect(Math.min(...(await counts(id)))).toBeGreaterThanOrEqual(20));
          expect(await counts(id)).toEqual([20, 20]);
        }, PATIENT);
        for (let n = 0; n < 40; n++) await say('after');
        await say('last');
        await vi.waitFor(async () => expect(await counts('last')).toEqual([1, 1]), PATIENT);
        await vi.waitFor(async () => expect(await counts('after')).toEqual([40, 40]), PATIENT);
        await own.dispose();
      }, 120_000);

      test('which gets what is published by HTTPS, and gives it back to one of them', async () => {
        const own = await cluster('https', { mqttUrl: mosquitto.url });
        const [client] = own.clients;
        const heard: string[] = [];
        device.on('message', (topic) => void heard.push(topic));
        await device.subscribeAsync('told/#', { qos: 1 });
        await client?.call('POST', '/rules/tell', {
          sql: "SELECT * FROM 'https/+'",
          actions: [{ republish: { topic: 'told/${topic(2)}', qos: 1, roleArn } }],
        });
        await vi.waitFor(async () => {
          const body = '{"a":1}';
          await fetch(`${own.fronts[1]?.url}/topics/https/probe?qos=1`, { method: 'POST', body });
          expect(heard).toContain('told/probe');
        }, PATIENT);
        await fetch(`${own.fronts[1]?.url}/topics/https/one?qos=1`, { method: 'POST', body: '{}' });
        await vi.waitFor(() => expect(heard).toContain('told/one'), PATIENT);
        expect(heard.filter((topic) => topic === 'told/one')).toHaveLength(1);
        await own.dispose();
      }, 60_000);
    },
  );
});
