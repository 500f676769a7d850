import { expect, test } from 'vitest';
import { createDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import { NO_RECIPIENTS, type ServiceRequest } from '../../src/core/action/index.ts';
import type { DetectorView } from '../../src/core/engine/views.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/runtime/embedded/open.ts';
import { HostClock } from '../../src/runtime/host-clock.ts';
import type { Log } from '../../src/runtime/log.ts';
import { readPayload } from '../../src/runtime/messages.ts';
import { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import { SendError } from '../../src/send/index.ts';
import { emptyImage, openMemoryStore } from '../../src/store/memory-store.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

/** Effects of setting a machine's clock forward or back on a host: nothing that waits may be affected. */
const START = 1_600_000_000_000;
const SECOND = 1000;
const HOUR = 3600 * SECOND;

const settle = async () => {
  for (let n = 0; n < 30; n++) await new Promise((resolve) => setImmediate(resolve));
};

/** A machine with a disk and a target, on which hosts run one after the other. */
async function machine() {
  const image = emptyImage();
  const clock = new SimulatedClock(START);
  const sent: { readonly text: string; readonly at: number }[] = [];
  const logged: string[] = [];
  const warn = (_fields: object, message: string) => void logged.push(message);
  const log: Log = { debug: () => {}, info: () => {}, warn, error: warn };
  const rig = { clock, sent, logged, isDown: false, metrics: new RuntimeMetrics() };
  const start = async () => {
    const embedded = await openEmbedded(openMemoryStore(image), {
      clock: new HostClock({ machine: clock, log, onJump: (by) => rig.metrics.clockJump(by) }),
      limits: DEFAULT_LIMITS,
      log,
      metrics: rig.metrics,
      notifications: NO_RECIPIENTS,
      senders: {
        send: async ({ input }: ServiceRequest) => {
          if (rig.isDown) throw new SendError('RETRYABLE', 'down');
          sent.push({ text: String(input.Message), at: clock.now() - START });
        },
        load: async () => {},
        close: async () => {},
      },
      random: () => 0.5,
    });
    embedded.start();
    return embedded;
  };
  let embedded = await start();
  const service = { host: embedded.host, limits: DEFAULT_LIMITS, region: 'us-east-1', accountId: '0' };
  await createInput(service, { inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  await createDetectorModel(service, WATCH);
  let number = 0;
  return Object.assign(rig, {
    get host() {
      return embedded.host;
    },
    /** Lets time pass. */
    async pass(milliseconds: number) {
      await settle();
      await clock.advance(clock.now() + milliseconds, settle);
      await settle();
    },
    async put(id: string, messageId = `m${number++}`) {
      const payload = readPayload(Buffer.from(JSON.stringify({ id })));
      if (typeof payload === 'string') throw new Error(payload);
      expect(await embedded.host.put([{ messageId, inputName: 'I', payload }])).toEqual([undefined]);
      await settle();
    },
    /** The periodic check of the clocks. */
    look: () => embedded.keepTime(),
    /** Stops or kills the host, lets time pass, and starts it again. */
    async restart(downtime: number, { kill = false, putWall = 0 } = {}) {
      const former = embedded;
      if (!kill) await former.close();
      clock.jump(clock.now() + downtime);
      clock.putWall(putWall);
      embedded = await start();
      await settle();
    },
    async describe(id: string): Promise<DetectorView> {
      const view = await embedded.host.describe({ kind: 'detector', modelName: 'Watch', keyValue: id });
      if (view.kind !== 'detector') throw new Error('It is an alarm');
      return view;
    },
    async statuses() {
      const { actions } = await embedded.host.actions.list({}, { maxResults: 100 });
      return actions.map(({ status }) => status);
    },
    jumps: async () => {
      const text = await rig.metrics.registry.getSingleMetricAsString('tripline_clock_jumps_total');
      return Object.fromEntries(
        [...text.matchAll(/direction="(\w+)"} (\d+)/g)].map(([, to, n]) => [to, Number(n)]),
      );
    },
    close: () => embedded.close(),
  });
}

/** Sends one text immediately, and another after a minute without messages. */
const say = (text: string) => ({
  sns: {
    targetArn: 'arn:aws:sns:us-east-1:000000000000:t',
    payload: { contentExpression: `'${text} \${$input.I.id}'`, type: 'STRING' as const },
  },
});
const WATCH = {
  detectorModelName: 'Watch',
  key: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  detectorModelDefinition: {
    initialStateName: 'A',
    states: [
      {
        stateName: 'A',
        onEnter: {
          events: [{ eventName: 'begin', actions: [{ setVariable: { variableName: 'n', value: '0' } }] }],
        },
        onInput: {
          events: [
            {
              eventName: 'asked',
              condition: 'currentInput("I")',
              actions: [
                say('asked'),
                { setVariable: { variableName: 'n', value: '$variable.n + 1' } },
                { setTimer: { timerName: 't', durationExpression: '60' } },
              ],
            },
            { eventName: 'silent', condition: 'timeout("t")', actions: [say('silent')] },
          ],
        },
      },
    ],
  },
} as never;

for (const by of [25 * HOUR, -HOUR]) {
  const way = by > 0 ? 'ahead by 25 hours' : 'back by an hour';

  test(`a clock that is ${way} for 4 seconds, and for good, makes nothing late, early or FAILED`, async () => {
    const rig = await machine();
    rig.isDown = true;
    await rig.put('before');
    await rig.pass(10 * SECOND);
    rig.clock.putWall(by);
    await rig.put('during', 'id-during');
    expect((await rig.describe('during')).timers).toMatchObject([
      { expiresAt: rig.clock.wall() + 60 * SECOND },
    ]);
    await rig.pass(4 * SECOND);
    rig.clock.putWall(-by);
    await rig.look();
    expect(await rig.statuses()).toEqual(['PENDING', 'PENDING']);
    // Deadlines are shown by the current clock.
    expect((await rig.describe('during')).timers).toMatchObject([{ expiresAt: START + 70 * SECOND }]);
    rig.isDown = false;
    await rig.pass(20 * SECOND);
    expect(rig.sent.map(({ text }) => text).sort()).toEqual(['asked before', 'asked during']);
    // And this time the clock stays so.
    rig.clock.putWall(by);
    await rig.pass(5 * SECOND);
    await rig.put('after');
    await rig.pass(2 * 60 * SECOND);
    const silent = rig.sent.filter(({ text }) => text.startsWith('silent'));
    expect(silent).toEqual([
      { text: 'silent before', at: 60 * SECOND },
      { text: 'silent during', at: 70 * SECOND },
      { text: 'silent after', at: 99 * SECOND },
    ]);
    const count = by > 0 ? { forward: 2, back: 1 } : { forward: 1, back: 2 };
    expect(await rig.jumps()).toEqual(count);
    expect(rig.logged.filter((message) => message.startsWith('the machine clock was set'))).toHaveLength(3);
    await rig.close();
  });

  test(`the dedupe window is as long as ever with a clock that was ${way}`, async () => {
    const rig = await machine();
    rig.clock.putWall(by);
    await rig.put('a', 'once');
    rig.clock.putWall(-by);
    await rig.pass(4 * 60 * SECOND);
    await rig.put('a', 'once');
    expect((await rig.describe('a')).variables).toEqual([{ name: 'n', value: '1' }]);
    await rig.pass(61 * SECOND);
    await rig.put('a', 'once');
    expect((await rig.describe('a')).variables).toEqual([{ name: 'n', value: '2' }]);
    await rig.close();
  });

  test(`a jump is not made up for by a restart: ${way}`, async () => {
    const rig = await machine();
    await rig.put('a');
    await rig.pass(10 * SECOND);
    rig.clock.putWall(by);
    await rig.look();
    // After a kill, the jump is already recorded on disk.
    await rig.restart(20 * SECOND, { kill: true });
    expect((await rig.describe('a')).timers).toMatchObject([{ expiresAt: START + 60 * SECOND + by }]);
    await rig.pass(29 * SECOND);
    expect(rig.sent.map(({ text }) => text)).toEqual(['asked a']);
    await rig.pass(SECOND);
    expect(rig.sent.at(-1)).toEqual({ text: 'silent a', at: 60 * SECOND });
    await rig.close();
  });
}

test('a clock that is put back while the host is down makes timers late by the downtime, and no more', async () => {
  const rig = await machine();
  await rig.put('a');
  await rig.pass(10 * SECOND);
  await rig.restart(20 * SECOND, { putWall: -HOUR });
  expect(rig.logged).toContainEqual(expect.stringContaining('set back while the server was down'));
  await rig.pass(49 * SECOND);
  expect(rig.sent).toHaveLength(1);
  await rig.pass(SECOND);
  expect(rig.sent.at(-1)).toEqual({ text: 'silent a', at: 80 * SECOND });
  await rig.close();
});

test('a clock that is put forward while the host is down makes timers due, and what waited is still sent', async () => {
  const rig = await machine();
  rig.isDown = true;
  await rig.put('a');
  await rig.pass(10 * SECOND);
  rig.isDown = false;
  await rig.restart(20 * SECOND, { putWall: 25 * HOUR });
  expect(rig.sent.map(({ text }) => text)).toEqual(['asked a', 'silent a']);
  // The clock is corrected: the next timer takes its minute.
  rig.clock.putWall(-25 * HOUR);
  await rig.put('b');
  await rig.pass(59 * SECOND);
  expect(rig.sent.at(-1)?.text).toBe('asked b');
  await rig.pass(SECOND);
  expect(rig.sent.at(-1)?.text).toBe('silent b');
  await rig.close();
});
