import { describe, expect, test } from 'vitest';
import { quietLog } from '../../../test/support/quiet.ts';
import { SimulatedClock } from '../../../test/support/simulated-clock.ts';
import { createDetectorModel } from '../../api/handlers/detector-models.ts';
import { createInput, deleteInput } from '../../api/handlers/inputs.ts';
import { batchPutMessage } from '../../api/handlers/messages.ts';
import type { Service } from '../../api/handlers/service.ts';
import { NO_RECIPIENTS } from '../../core/action/index.ts';
import type { Detector } from '../../core/detector/types.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { renderText } from '../../core/expression/value.ts';
import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../store/memory-store.ts';
import type { Changes } from '../../store/store.ts';
import type { Execution } from '../delivery/execution.ts';
import { listExecutions } from '../delivery/history.ts';
import { HostClock } from '../host-clock.ts';
import { RuntimeMetrics } from '../metrics.ts';
import { openEmbedded } from './open.ts';
import type { TurnPump } from './pump.ts';

const START = 1_600_000_000_000;

/** A host whose iotEvents actions are delivered; its store can stop responding after a given number of commits. */
class Rig {
  readonly clock: SimulatedClock;
  readonly image: MemoryImage;
  service!: Service;
  pump!: TurnPump;
  store!: ReturnType<typeof openMemoryStore>;
  commits = 0;
  dieAfter = Number.POSITIVE_INFINITY;

  private constructor(image: MemoryImage, now: number) {
    this.image = image;
    this.clock = new SimulatedClock(now);
  }

  static async start(
    limits: Partial<Limits> = {},
    { image = emptyImage(), now = START, dieAfter = Number.POSITIVE_INFINITY } = {},
  ): Promise<Rig> {
    const rig = new Rig(image, now);
    rig.dieAfter = dieAfter;
    const all = { ...DEFAULT_LIMITS, ...limits };
    const memory = openMemoryStore(image);
    rig.store = {
      ...memory,
      commit: async (changes: Changes) => {
        // Simulates a killed process: nothing more is written, and nobody is answered.
        if (rig.commits >= rig.dieAfter) return new Promise<void>(() => {});
        rig.commits++;
        await memory.commit(changes);
      },
    };
    const embedded = await openEmbedded(rig.store, {
      clock: new HostClock({ machine: rig.clock, log: quietLog }),
      limits: all,
      log: quietLog,
      metrics: new RuntimeMetrics(),
      notifications: NO_RECIPIENTS,
      senders: { send: async () => {}, load: async () => {}, close: async () => {} },
      random: () => 0.5,
    });
    embedded.start();
    const { host, pump } = embedded;
    rig.pump = pump;
    rig.service = { host, limits: all, region: 'us-east-1', accountId: '000000000000' };
    return rig;
  }

  /** `From` sends to `To` for each message; `To` counts, and sends to itself as often as the message asks. */
  async define(): Promise<this> {
    for (const inputName of ['From', 'To', 'Loop']) {
      await createInput(this.service, { inputName, inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
    }
    const send = (inputName: string) => ({
      iotEvents: {
        inputName,
        payload: {
          contentExpression: `'{"id":"\${$input.${inputName === 'Loop' ? 'Loop' : 'From'}.id}","pad":"0123456789"}'`,
          type: 'JSON',
        },
      },
    });
    const count = { setVariable: { variableName: 'n', value: '$variable.n + 1' } };
    await this.#model('Source', 'From', [send('To')]);
    await this.#model('Counter', 'To', [count]);
    await this.#model('Repeater', 'Loop', [count, send('Loop')]);
    return this;
  }

  #model(detectorModelName: string, inputName: string, actions: readonly object[]): Promise<unknown> {
    const init = { setVariable: { variableName: 'n', value: '0' } };
    return createDetectorModel(this.service, {
      detectorModelName,
      key: 'id',
      roleArn: 'role',
      detectorModelDefinition: {
        initialStateName: 'A',
        states: [
          {
            stateName: 'A',
            onEnter: { events: [{ eventName: 'init', actions: [init] }] },
            onInput: {
              events: [
                {
                  eventName: 'act',
                  condition: `currentInput("${inputName}")`,
                  actions: [...actions] as never,
                },
              ],
            },
          },
        ],
      },
    });
  }

  put(inputName: string, messageId: string, payload: object) {
    const messages = [{ messageId, inputName, payload: Buffer.from(JSON.stringify(payload)) }];
    return batchPutMessage(this.service, { messages });
  }

  settle = async (turns = 60): Promise<void> => {
    for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
  };

  count(model: string, key: string): string | undefined {
    const active = this.pump.evaluator.catalog.models.get(model)?.active;
    if (active === undefined) return undefined;
    const held = this.pump.evaluator.slotFor(active, key).find(active.epoch, key);
    held?.load();
    if (held?.instance === undefined) return undefined;
    const found = namedVariables(active.compiled, held.instance as Detector).find(([name]) => name === 'n');
    return found && renderText(found[1]);
  }

  async executions(): Promise<Execution[]> {
    return (await listExecutions(this.store, {}, { maxResults: 10_000 })).actions.reverse();
  }
}

test('a message reaches the other input without leaving the process, and both are listed', async () => {
  const rig = await (await Rig.start()).define();
  await rig.put('From', 'm', { id: 'a' });
  await rig.settle();
  expect(rig.count('Counter', 'a')).toBe('1');
  expect(await rig.executions()).toMatchObject([
    { type: 'iotEvents', status: 'DELIVERED', attempts: 1, target: 'iotevents-data/To' },
  ]);
});

test('wherever the process is killed, the message counts once, also when it is repeated an hour later', async () => {
  const whole = await (await Rig.start()).define();
  const defined = whole.commits;
  await whole.put('From', 'm', { id: 'a' });
  await whole.settle();
  const all = whole.commits - defined;
  expect(all).toBe(2);
  for (let before = 0; before <= all; before++) {
    const rig = await Rig.start({}, { dieAfter: defined + before });
    await rig.define();
    void rig.put('From', 'm', { id: 'a' });
    await rig.settle();
    const again = await Rig.start({}, { image: rig.image, now: START + 3_600_000 });
    await again.settle();
    expect([before, again.count('Counter', 'a')]).toEqual([before, before === 0 ? undefined : '1']);
    const statuses = (await again.executions()).map(({ status }) => status);
    expect(statuses).toEqual(before === 0 ? [] : ['DELIVERED']);
  }
});

describe('a refused message', () => {
  test('whose input was deleted fails finally, with the reason', async () => {
    const rig = await (await Rig.start()).define();
    // An input is protected by a model that reads it, not by one that only sends to it.
    await createInput(rig.service, {
      inputName: 'Gone',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
    });
    await createDetectorModel(rig.service, {
      detectorModelName: 'Sender',
      roleArn: 'role',
      detectorModelDefinition: {
        initialStateName: 'A',
        states: [
          {
            stateName: 'A',
            onInput: {
              events: [
                {
                  eventName: 'e',
                  condition: 'currentInput("From")',
                  actions: [{ iotEvents: { inputName: 'Gone' } }],
                },
              ],
            },
          },
        ],
      },
    });
    await deleteInput(rig.service, { inputName: 'Gone' });
    expect(rig.pump.evaluator.catalog.inputs.has('Gone')).toBe(false);
    await rig.put('From', 'm', { id: 'a' });
    await rig.settle();
    const [gone] = (await rig.executions()).filter(({ target }) => target === 'iotevents-data/Gone');
    expect(gone).toMatchObject({
      status: 'FAILED',
      attempts: 1,
      lastError: 'ResourceNotFoundException: Input of name: Gone not found',
    });
  });

  test('that is too large fails finally', async () => {
    const rig = await (await Rig.start({ messageBytes: 20 })).define();
    await rig.put('From', 'm', { id: 'a' });
    await rig.settle();
    expect(await rig.executions()).toMatchObject([
      {
        status: 'FAILED',
        lastError: 'InvalidRequestException: Payload size of 29 bytes exceeds the limit 20',
      },
    ]);
  });

  test('that is throttled is tried again', async () => {
    const rig = await (await Rig.start({ dedupeEntries: 1, dedupeWindow: 1000 })).define();
    await rig.put('From', 'm', { id: 'a' });
    await rig.settle();
    expect(await rig.executions()).toMatchObject([{ status: 'PENDING', attempts: 1 }]);
    await rig.clock.advance(START + 5000, () => rig.settle(20));
    // The next turn that expires ids has moved the window on.
    expect(rig.count('Counter', 'a')).toBe('1');
    expect((await rig.executions())[0]?.status).toBe('DELIVERED');
  });
});

test('a loop ends at the limit, with a failure that names the limit', async () => {
  const rig = await (await Rig.start({ chainMessages: 5 })).define();
  await rig.put('Loop', 'm', { id: 'a' });
  await rig.settle(300);
  expect(rig.count('Repeater', 'a')).toBe('6');
  const executions = await rig.executions();
  expect(executions.map(({ status }) => status)).toEqual([...Array(5).fill('DELIVERED'), 'FAILED']);
  expect(executions.at(-1)?.lastError).toContain('exceeds the limit 5');
  // The next message from outside starts with the full budget.
  await rig.put('Loop', 'm2', { id: 'b' });
  await rig.settle(300);
  expect(rig.count('Repeater', 'b')).toBe('6');
});

test('several actions of one message share the number of messages it may cause', async () => {
  const rig = await Rig.start({ chainMessages: 20 });
  await createInput(rig.service, {
    inputName: 'Loop',
    inputDefinition: { attributes: [{ jsonPath: 'id' }] },
  });
  const twice = {
    iotEvents: { inputName: 'Loop', payload: { contentExpression: '\'{"id":"a"}\'', type: 'JSON' as const } },
  };
  await createDetectorModel(rig.service, {
    detectorModelName: 'Doubler',
    key: 'id',
    roleArn: 'role',
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        {
          stateName: 'A',
          onInput: {
            events: [{ eventName: 'e', condition: 'currentInput("Loop")', actions: [twice, twice] }],
          },
        },
      ],
    },
  });
  await rig.put('Loop', 'm', { id: 'a' });
  await rig.settle(500);
  const executions = await rig.executions();
  const delivered = executions.filter(({ status }) => status === 'DELIVERED').length;
  // 20 are split into 10 and 10; of each 10, one is the message itself and 9 are split into 4 and 4, then 1 and 1.
  expect(delivered).toBe(2 + 4 + 8);
  expect(executions.filter(({ status }) => status === 'FAILED')).toHaveLength(16);
});
