import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAlarmModel } from '../../src/api/handlers/alarm-models.ts';
import { createDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import { ClusterRows, TOPIC_RULES } from '../../src/cluster/cluster-rows.ts';
import { Ingress } from '../../src/cluster/ingress.ts';
import { exportState, importState } from '../../src/cluster/move-state.ts';
import { NO_RECIPIENTS } from '../../src/core/action/index.ts';
import type { InstanceView } from '../../src/core/engine/views.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/runtime/embedded/open.ts';
import type { Host } from '../../src/runtime/host.ts';
import { HostClock } from '../../src/runtime/host-clock.ts';
import { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import type { Senders } from '../../src/send/index.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import type { Row } from '../../src/store/store.ts';
import { quietLog } from '../support/quiet.ts';
import { runCli } from '../support/run-cli.ts';
import { countingModel } from '../support/service.ts';
import { message, ROLE, serviceOf, WATCHING } from './models.ts';
import { enlist, forget, frontOf, type Restate, startServers, WHY_NOT, workerOf } from './rig.ts';
import { settled } from './ticks.ts';

/** Moves a data directory into a cluster, continues there, and moves back into another data directory. */

const KEYS = 60;
const RULE: Row = ['topic-rule/pumps', '{"rowVersion":1,"ruleName":"pumps"}'];
const ALARM_MODEL = {
  alarmModelName: 'Level',
  key: 'id',
  roleArn: ROLE,
  alarmRule: {
    simpleRule: { inputProperty: '$input.I.level', comparisonOperator: 'GREATER', threshold: '5' },
  },
} as Parameters<typeof createAlarmModel>[1];
/** Deliveries that have failed for long are retried after a minute. */
const WAIT_LONG = { timeout: 90_000, interval: 200 };
const WAIT = { timeout: 25_000, interval: 100 };

/** Records the requests to a target, which fails while it is down. */
function target() {
  const sent: string[] = [];
  const state = { isDown: true };
  const senders: Senders = {
    async send(request) {
      if (state.isDown) throw new Error('the target is down');
      sent.push(JSON.stringify(request.input));
    },
    load: async () => {},
    close: async () => {},
  };
  return { sent, state, senders };
}

/** Opens and starts the embedded host on a directory. */
async function openDirectory(directory: string, senders: Senders) {
  const store = await openLevelStore(directory);
  const embedded = await openEmbedded(store, {
    clock: new HostClock({ log: quietLog }),
    limits: DEFAULT_LIMITS,
    log: quietLog,
    metrics: new RuntimeMetrics(),
    notifications: NO_RECIPIENTS,
    senders,
    random: () => 0.5,
  });
  embedded.start();
  return {
    host: embedded.host,
    commit: (rows: readonly Row[]) => store.commit({ rows }),
    async close() {
      await embedded.close();
      await store.close();
    },
  };
}

/** Everything visible in a host: definitions, instances, and executions. */
async function shown(host: Host) {
  const { inputs, models, alarmModels } = await host.catalog();
  const instances = [];
  for (const [kind, modelName] of [
    ['detector', 'Counter'],
    ['detector', 'Watching'],
    ['alarm', 'Level'],
  ] as const) {
    for (let after: string | undefined; ; ) {
      const page = await host.list({
        kind,
        modelName,
        maxResults: 50,
        ...(after !== undefined && { after }),
      });
      for (const { keyValue } of page.items)
        instances.push(await host.describe({ kind, modelName, ...(keyValue !== undefined && { keyValue }) }));
      after = page.next;
      if (after === undefined) break;
    }
  }
  const nameOf = ({ modelName, keyValue = '' }: { modelName: string; keyValue?: string }) =>
    `${modelName}/${keyValue}`;
  instances.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const { actions } = await host.actions.list({}, { maxResults: 1000 });
  const executions = actions
    .map(({ actionExecutionId, type, keyValue }) => [actionExecutionId, type, keyValue])
    .sort();
  return {
    definitions: [
      [...inputs.values()],
      [...models].map(([name, { versions }]) => [name, versions]),
      [...alarmModels.keys()],
    ],
    instances: instances.map(withoutTimes),
    deadlines: instances.map((each) => (each.kind === 'detector' ? (each.timers[0]?.expiresAt ?? 0) : 0)),
    executions,
  };
}

/** A host shows times by the wall clock, which may differ from its own by a millisecond. */
function withoutTimes(view: InstanceView) {
  const { creationTime: _, lastUpdateTime: __, ...rest } = view;
  if (rest.kind !== 'detector') return rest;
  return { ...rest, timers: rest.timers.map(({ name, status }) => ({ name, status })) };
}

describe.skipIf(WHY_NOT !== undefined)(`moving state (${WHY_NOT ?? 'runs'})`, () => {
  let restate: Restate;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tripline-move-'));
    restate = await startServers(1);
  }, 120_000);
  afterAll(async () => {
    await restate?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  test('from one machine into a cluster, and back: nothing is lost, and all of it goes on', async () => {
    const outside = target();
    const first = await openDirectory(join(folder, 'first'), outside.senders);
    const service = serviceOf(first.host);
    for (const inputName of ['I', 'Told'])
      await createInput(service, {
        inputName,
        inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 'level' }] },
      });
    await createDetectorModel(service, countingModel('Counter', 'I'));
    const watching = JSON.stringify(WATCHING).replace('"seconds":1', '"seconds":3');
    await createDetectorModel(service, JSON.parse(watching) as Parameters<typeof createDetectorModel>[1]);
    await createAlarmModel(service, ALARM_MODEL);
    await first.host.put(
      Array.from({ length: KEYS }, (_, n) => message(`a${n}`, { id: `k${n}`, level: n % 10 })),
    );
    // These have reported already; the target is down, so that their actions wait.
    const waiting = async () =>
      (await first.host.actions.list({ status: 'PENDING', type: 'sns' }, { maxResults: 1000 })).actions
        .length;
    await vi.waitFor(async () => expect(await waiting()).toBe(KEYS), WAIT);
    // These are within their three seconds.
    await first.host.put(
      Array.from({ length: KEYS }, (_, n) => message(`b${n}`, { id: `late${n}`, level: 1 })),
    );
    const before = await shown(first.host);
    await first.commit([RULE]);
    await first.close();

    const cluster = 'moved';
    const options = { cluster, senders: outside.senders };
    const worker = await workerOf(restate, 0, options);
    await enlist(restate, worker, options);
    const ingress = new Ingress(restate.ingressUrl, cluster);
    const move = async () => {
      const store = await openLevelStore(join(folder, 'first'));
      try {
        return await importState(store, { ingress, limits: DEFAULT_LIMITS, log: quietLog });
      } finally {
        await store.close();
      }
    };
    const moved = await move();
    expect(moved).toMatchObject({ definitions: 9, instances: KEYS * 6 });
    // An interrupted move is repeated.
    expect(await move()).toEqual(moved);
    expect(await new ClusterRows(ingress, TOPIC_RULES).read()).toEqual({ version: 1, rows: [RULE] });
    const front = frontOf(restate, options);
    const during = await shown(front);
    expect(during.definitions).toEqual(before.definitions);
    expect(during.instances.map(({ keyValue }) => keyValue)).toEqual(
      before.instances.map(({ keyValue }) => keyValue),
    );
    expect(during.executions).toEqual(expect.arrayContaining(before.executions));
    // Timers continue, and waiting actions are sent when the target is reachable again.
    const quiet = async () =>
      (await front.list({ kind: 'detector', modelName: 'Watching', stateName: 'Quiet', maxResults: 1000 }))
        .items.length;
    await vi.waitFor(async () => expect(await quiet()).toBe(2 * KEYS), WAIT);
    await front.put([message('c', { id: 'k0' })]);
    outside.state.isDown = false;
    await vi.waitFor(() => expect(new Set(outside.sent).size).toBeGreaterThanOrEqual(2 * KEYS), WAIT_LONG);
    const delivered = async () =>
      (await front.actions.list({ status: 'PENDING' }, { maxResults: 1000 })).actions.length;
    await vi.waitFor(async () => expect(await delivered()).toBe(0), WAIT_LONG);
    await settled(restate, cluster);
    const after = await shown(front);
    await front.close();
    await worker.close();

    const store = await openLevelStore(join(folder, 'second'));
    const back = await exportState(store, { ingress, admin: restate.admin });
    expect(await store.get(RULE[0])).toBe(RULE[1]);
    await store.close();
    expect(back).toMatchObject({ definitions: 9, instances: KEYS * 6, executions: after.executions.length });
    const second = await openDirectory(join(folder, 'second'), outside.senders);
    const { deadlines, ...rest } = await shown(second.host);
    expect(rest).toEqual({ ...after, deadlines: undefined });
    expect(
      Math.max(...deadlines.map((at, index) => Math.abs(at - (after.deadlines[index] ?? 0)))),
    ).toBeLessThan(1000);
    expect(await second.host.put([message('d', { id: 'k0' })])).toEqual([undefined]);
    const name = { kind: 'detector', modelName: 'Counter', keyValue: 'k0' } as const;
    expect(await second.host.describe(name)).toMatchObject({ variables: [{ name: 'n', value: '3' }] });
    await second.close();
    await forget(restate, ingress.names.slot);
  }, 300_000);

  test('into a cluster that has definitions of its own is refused', async () => {
    const cluster = 'taken';
    const worker = await workerOf(restate, 0, { cluster });
    await enlist(restate, worker, { cluster });
    const front = frontOf(restate, { cluster });
    const store = await openLevelStore(join(folder, 'first'));
    const ingress = new Ingress(restate.ingressUrl, cluster);
    const move = () => importState(store, { ingress, limits: DEFAULT_LIMITS, log: quietLog });
    const rules = new ClusterRows(ingress, TOPIC_RULES);
    await rules.commit([['topic-rule/other', '{}']], 0);
    await expect(move()).rejects.toThrow('already has definitions');
    await rules.commit([['topic-rule/other', null]], 1);
    await createInput(serviceOf(front), {
      inputName: 'Other',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
    });
    await expect(move()).rejects.toThrow('already has definitions');
    expect((await rules.read())?.rows).toEqual([]);
    await store.close();
    await front.close();
    await worker.close();
    await forget(restate, ingress.names.slot);
  });

  test('by the commands, which say what was moved, and do not write over what is there', async () => {
    const cluster = 'commands';
    const worker = await workerOf(restate, 0, { cluster });
    await enlist(restate, worker, { cluster });
    const flags = [
      ...['--restate-ingress', restate.ingressUrl],
      ...['--restate-admin', restate.adminUrl, '--cluster-name', cluster],
    ];
    const run = (command: string, directory: string) =>
      runCli(command, '--data-dir', join(folder, directory), ...flags);
    expect(await run('import-state', 'first')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^9 definitions, 360 detectors and alarms, \d+ executions of actions moved from/,
      ),
    });
    await settled(restate, cluster);
    await worker.close();
    expect(await run('export-state', 'third')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^9 definitions, 360 detectors and alarms, \d+ executions of actions written/,
      ),
    });
    expect(await run('export-state', 'third')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not empty; name one that does not exist yet'),
    });
    await forget(restate, `${cluster}-slot`);
  });
});
