import { describe, expect, test } from 'vitest';
import { openPumpHost } from '../../../test/support/pump-host.ts';
import { quietLog } from '../../../test/support/quiet.ts';
import { SimulatedClock } from '../../../test/support/simulated-clock.ts';
import { createDetectorModel, deleteDetectorModel } from '../../api/handlers/detector-models.ts';
import { batchDeleteDetector, listDetectors } from '../../api/handlers/detectors.ts';
import { createInput } from '../../api/handlers/inputs.ts';
import { batchPutMessage } from '../../api/handlers/messages.ts';
import type { Service } from '../../api/handlers/service.ts';
import type { ActionEffect } from '../../core/detector/effect.ts';
import type { Detector } from '../../core/detector/types.ts';
import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../store/memory-store.ts';
import { type Changes, type Store, StoreError } from '../../store/store.ts';
import { RuntimeMetrics } from '../metrics.ts';
import type { TurnPump } from './pump.ts';

const START = 1_600_000_000_000;

/** A host on a store that a test can watch and break. */
class Rig {
  readonly clock: SimulatedClock;
  readonly effects: ActionEffect[] = [];
  readonly errors: (string | undefined)[] = [];
  readonly commits: Changes[] = [];
  readonly store: Store;
  readonly metrics = new RuntimeMetrics();
  breakCommits = false;
  /** Commits with a row of one of these detectors are refused as too large. */
  tooLarge: readonly string[] = [];
  /** While set, commits wait for it. */
  gate: Promise<void> | undefined;
  service!: Service;
  pump!: TurnPump;

  private constructor(image: MemoryImage, now: number) {
    this.clock = new SimulatedClock(now);
    const memory = openMemoryStore(image);
    this.store = {
      ...memory,
      commit: async (changes) => {
        await this.gate;
        if (this.breakCommits) throw new Error('no space left on device');
        const state = [...(changes.state ?? [])];
        const keys = state.map(([key]) => key);
        if (this.tooLarge.some((id) => keys.some((key) => key.endsWith(`/${id}`))))
          throw new StoreError('UNENCODABLE', 'too large');
        this.commits.push({ ...changes, state });
        await memory.commit(changes);
      },
    };
  }

  static async start(image = emptyImage(), now = START, limits: Partial<Limits> = {}): Promise<Rig> {
    const rig = new Rig(image, now);
    const all = { ...DEFAULT_LIMITS, ...limits };
    const { pump, host } = await openPumpHost(rig.store, {
      clock: rig.clock,
      limits: all,
      metrics: rig.metrics,
      log: {
        ...quietLog,
        error: (fields: { readonly err?: Error }, message: string) =>
          rig.errors.push(fields.err?.message ?? message),
      },
      onEffects: (effects) => rig.effects.push(...effects.map((effect) => effect as ActionEffect)),
    });
    pump.start();
    rig.pump = pump;
    rig.service = { host, limits: all, region: 'us-east-1', accountId: '000000000000' };
    return rig;
  }

  async define(): Promise<this> {
    await createInput(this.service, {
      inputName: 'I',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
    });
    const add = { setVariable: { variableName: 'n', value: '$variable.n + 1' } };
    await createDetectorModel(this.service, {
      detectorModelName: 'M',
      key: 'id',
      roleArn: 'role',
      detectorModelDefinition: {
        initialStateName: 'A',
        states: [
          {
            stateName: 'A',
            onEnter: {
              events: [
                { eventName: 'init', actions: [{ setVariable: { variableName: 'n', value: '0' } }] },
                {
                  eventName: 'watch',
                  condition: '$input.I.seconds > 0',
                  actions: [{ setTimer: { timerName: 't', durationExpression: '$input.I.seconds' } }],
                },
              ],
            },
            onInput: {
              events: [
                { eventName: 'count', condition: 'currentInput("I")', actions: [add] },
                {
                  eventName: 'fired',
                  condition: 'timeout("t")',
                  actions: [add, { sns: { targetArn: 'arn:aws:sns:us-east-1:0:t' } }],
                },
              ],
            },
          },
        ],
      },
    });
    return this;
  }

  put(...payloads: { id: string; message?: string; seconds?: number }[]) {
    const messages = payloads.map(({ message, ...payload }, index) => ({
      messageId: message ?? `${payload.id}-${this.commits.length}-${index}`,
      inputName: 'I',
      payload: Buffer.from(JSON.stringify(payload)),
    }));
    return batchPutMessage(this.service, { messages });
  }

  count(keyValue: string): unknown {
    const active = this.pump.evaluator.catalog.models.get('M')?.active;
    const held = active && this.pump.evaluator.slotFor(active, keyValue).find(active.epoch, keyValue);
    held?.load();
    return held && (held.instance as Detector).at(active.compiled.variables.get('n') as number);
  }

  idle = () => this.service.host.catalog();
}

describe('a turn', () => {
  test('answers and releases effects only when its commit is durable', async () => {
    const rig = await (await Rig.start()).define();
    let open: () => void = () => {};
    rig.gate = new Promise((resolve) => {
      open = resolve;
    });
    let answered = false;
    const answer = rig.put({ id: 'a' }).then(() => {
      answered = true;
    });
    for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    open();
    await answer;
    expect(rig.count('a')).toBe(1);
  });

  test('leaves nothing of a detector that it evaluated and whose model it deleted', async () => {
    const image = emptyImage();
    const rig = await (await Rig.start(image)).define();
    const before = rig.commits.length;
    await Promise.all([rig.put({ id: 'a' }), deleteDetectorModel(rig.service, { detectorModelName: 'M' })]);
    expect(rig.commits.length - before).toBe(1);
    expect([...image.state.keys()].filter((key) => key.startsWith('detector/'))).toEqual([]);
    // Detectors left over from another model could not be read.
    await rig.pump.close();
    await Rig.start(image);
  });

  test('keeps the detector created in place of one it deleted', async () => {
    const image = emptyImage();
    const rig = await (await Rig.start(image)).define();
    await rig.put({ id: 'a' }, { id: 'a', message: 'again' });
    const before = rig.commits.length;
    await Promise.all([
      rig.put({ id: 'a', message: 'old' }),
      batchDeleteDetector(rig.service, {
        detectors: [{ messageId: 'd', detectorModelName: 'M', keyValue: 'a' }],
      }),
      rig.put({ id: 'a', message: 'new' }),
    ]);
    expect(rig.commits.length - before).toBe(1);
    await rig.pump.close();
    expect((await Rig.start(image)).count('a')).toBe(1);
  });

  test('takes everything that arrived during the previous commit', async () => {
    const rig = await (await Rig.start()).define();
    await rig.put({ id: 'a' });
    const before = rig.commits.length;
    let open: () => void = () => {};
    rig.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = rig.put({ id: 'a', message: 'first' });
    for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
    const rest = Array.from({ length: 50 }, (_, n) => rig.put({ id: `k${n}`, message: `m${n}` }));
    open();
    await Promise.all([first, ...rest]);
    expect(rig.commits.length - before).toBe(2);
  });

  test('that cannot be committed changes nothing, and every caller gets the error', async () => {
    const rig = await (await Rig.start()).define();
    await rig.put({ id: 'a', message: 'one' });
    rig.breakCommits = true;
    await expect(rig.put({ id: 'a', message: 'two' }, { id: 'new', message: 'three' })).rejects.toMatchObject(
      {
        code: 'ServiceUnavailableException',
      },
    );
    expect(rig.count('a')).toBe(1);
    expect(rig.count('new')).toBeUndefined();
    rig.breakCommits = false;
    // Neither message was accepted, so the same ids count now.
    const answer = await rig.put({ id: 'a', message: 'two' }, { id: 'new', message: 'three' });
    expect(answer.BatchPutMessageErrorEntries).toEqual([]);
    expect([rig.count('a'), rig.count('new')]).toEqual([2, 1]);
  });

  test('that was evaluated during a failing commit is rolled back with it', async () => {
    const rig = await (await Rig.start()).define();
    await rig.put({ id: 'a', message: 'one' });
    let open: () => void = () => {};
    rig.gate = new Promise((resolve) => {
      open = resolve;
    });
    const during = [rig.put({ id: 'a', message: 'two' })];
    for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
    during.push(rig.put({ id: 'a', message: 'three' }), rig.put({ id: 'b', message: 'four' }));
    for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
    // The second turn is evaluated and waits for the first.
    expect([rig.count('a'), rig.count('b')]).toEqual([3, 1]);
    rig.breakCommits = true;
    open();
    for (const outcome of await Promise.allSettled(during)) expect(outcome.status).toBe('rejected');
    expect([rig.count('a'), rig.count('b')]).toEqual([1, undefined]);
    rig.breakCommits = false;
    await rig.put({ id: 'a', message: 'three' });
    expect(rig.count('a')).toBe(2);
  });

  test('rolls back a fired timer when its commit fails, and fires it again', async () => {
    const rig = await (await Rig.start()).define();
    await rig.put({ id: 'a', seconds: 60 });
    rig.breakCommits = true;
    await rig.clock.advance(START + 60_000, async () => {});
    await rig.idle().catch(() => undefined);
    expect(rig.count('a')).toBe(1);
    expect(rig.effects).toEqual([]);
    rig.breakCommits = false;
    await rig.clock.advance(START + 62_000, rig.idle);
    await rig.idle();
    expect(rig.count('a')).toBe(2);
    expect(rig.effects.map(({ eventName }) => eventName)).toEqual(['fired']);
  });
});

test('after a failed commit no message overtakes a due timer', async () => {
  const rig = await (await Rig.start()).define();
  await rig.put({ id: 'a', seconds: 60 });
  rig.breakCommits = true;
  await rig.clock.advance(START + 60_000, rig.idle).catch(() => undefined);
  rig.breakCommits = false;
  // Within the pause the timer fires along with the message, and before it.
  await rig.put({ id: 'a', message: 'late', seconds: 60 });
  expect(rig.effects.map(({ eventName }) => eventName)).toEqual(['fired']);
  expect(rig.count('a')).toBe(3);
});

test('a deleted timer does not delay one in another slot', async () => {
  const rig = await (await Rig.start()).define();
  await rig.put({ id: 'a', seconds: 60 });
  await batchDeleteDetector(rig.service, {
    detectors: [{ messageId: '1', detectorModelName: 'M', keyValue: 'a' }],
  });
  await rig.put({ id: 'b', seconds: 61 });
  rig.clock.jump(START + 61_000);
  await rig.put({ id: 'b', message: 'at that moment', seconds: 60 });
  expect(rig.effects.map(({ keyValue, eventName }) => [keyValue, eventName])).toEqual([['b', 'fired']]);
});

test('a step that throws, against its contract, leaves its detector unchanged', async () => {
  const rig = await (await Rig.start()).define();
  await rig.put({ id: 'a', message: 'one' });
  const active = rig.pump.evaluator.catalog.models.get('M')?.active;
  const [state] = active?.compiled.states ?? [];
  // The message is counted first; then comes an invalid action.
  Object.assign(state?.onInput[1] as object, { condition: undefined, actions: [{ kind: 'external' }] });
  await expect(rig.put({ id: 'a', message: 'two' })).rejects.toThrow(TypeError);
  expect(rig.count('a')).toBe(1);
});

test('a failing observer does not undo durable changes', async () => {
  const rig = await (await Rig.start()).define();
  rig.service.host.observe({
    observe: () => {
      throw new Error('the watcher stumbled');
    },
  });
  expect((await rig.put({ id: 'a' })).BatchPutMessageErrorEntries).toEqual([]);
  expect(rig.count('a')).toBe(1);
});

describe('changes too large to be written', () => {
  test('fail only the call that caused them, wherever in a turn it is', async () => {
    const rig = await (await Rig.start()).define();
    rig.tooLarge = ['poison'];
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'poison', 'c', 'd'].map((id) => rig.put({ id, message: id })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    ]);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'InternalFailureException' } });
    for (const id of ['a', 'b', 'c', 'd']) expect(rig.count(id)).toBe(1);
    expect(rig.count('poison')).toBeUndefined();
    // Its id was not accepted, so a smaller message with the same id is accepted.
    rig.tooLarge = [];
    await rig.put({ id: 'poison', message: 'poison' });
    expect(rig.count('poison')).toBe(1);
  });

  test('fail only the timer that caused them, and the server continues', async () => {
    const rig = await (await Rig.start()).define();
    const ids = ['a', 'poison', 'b'];
    for (const id of ids) await rig.put({ id, seconds: 60 });
    rig.tooLarge = ['poison'];
    await rig.clock.advance(START + 60_000, rig.idle);
    expect(rig.count('a')).toBe(2);
    expect(rig.count('b')).toBe(2);
    expect(rig.count('poison')).toBe(1);
    expect(rig.errors).toEqual(['too large']);
    await rig.put({ id: 'c' });
    // The next evaluation checks its timers again.
    rig.tooLarge = [];
    await rig.put({ id: 'poison' });
    await rig.idle();
    expect(rig.count('poison')).toBe(3);
  });

  test('include a turn whose text exceeds the longest possible string', async () => {
    const rig = await (await Rig.start()).define();
    rig.gate = Promise.reject(new RangeError('Invalid string length'));
    rig.gate.catch(() => {});
    await expect(rig.put({ id: 'a' })).rejects.toMatchObject({ code: 'InternalFailureException' });
    rig.gate = undefined;
    await rig.put({ id: 'a' });
    expect(rig.count('a')).toBe(1);
  });
});

describe('a restart', () => {
  test('restores detectors, timers and accepted ids', async () => {
    const image = emptyImage();
    const rig = await (await Rig.start(image)).define();
    await rig.put({ id: 'a', message: 'x', seconds: 60 }, { id: 'b', message: 'y' });
    await rig.pump.close();
    const again = await Rig.start(image, START + 1000);
    await again.put({ id: 'a', message: 'x' }, { id: 'b', message: 'z' });
    expect([again.count('a'), again.count('b')]).toEqual([1, 2]);
    await again.clock.advance(START + 60_000, again.idle);
    expect(again.count('a')).toBe(2);
    expect(again.effects).toHaveLength(1);
  });

  test('fires overdue timers first, in the order they are due, once', async () => {
    const image = emptyImage();
    const rig = await (await Rig.start(image)).define();
    await rig.put({ id: 'late', seconds: 300 }, { id: 'soon', seconds: 60 }, { id: 'mid', seconds: 120 });
    await rig.pump.close();
    const again = await Rig.start(image, START + 3_600_000);
    await again.clock.advance(START + 3_600_000, again.idle);
    await again.put({ id: 'soon' });
    expect(again.effects.map(({ keyValue }) => keyValue)).toEqual(['soon', 'mid', 'late']);
    expect(again.count('soon')).toBe(3);
    const ids = new Set(again.effects.map(({ actionExecutionId }) => actionExecutionId));
    expect(ids.size).toBe(3);
  });

  test('reports an unreadable row when it is asked for, and continues with the others', async () => {
    const image = emptyImage();
    const rig = await (await Rig.start(image)).define();
    await rig.put({ id: 'a', seconds: 60 }, { id: 'b', seconds: 60 });
    await rig.pump.close();
    const key = [...image.state.keys()].find((each) => each.endsWith('/a')) ?? '';
    image.state.set(key, image.state.get(key)?.replace('"A"', '"Z"') ?? '');
    const again = await Rig.start(image, START + 1000);
    const message = `${key} of detector model M cannot be read: state Z is not in the model`;
    expect((await again.put({ id: 'a' })).BatchPutMessageErrorEntries).toMatchObject([
      { errorCode: 'InternalFailureException', errorMessage: message },
    ]);
    await again.clock.advance(START + 60_000, again.idle);
    expect(again.errors).toEqual([message, message]);
    expect(again.effects.map(({ keyValue }) => keyValue)).toEqual(['b']);
    // The row is untouched.
    expect(image.state.get(key)).toContain('"Z"');
  });

  test('continues the numbers of evaluations, also after a version that numbered them by slot', async () => {
    const image = emptyImage();
    image.state.set('slot/3', '500').set('slot/4', '70');
    const createdBy = async (rig: Rig, keyValue: string) =>
      (await rig.service.host.describe({ kind: 'detector', modelName: 'M', keyValue })).createdBy;
    const rig = await (await Rig.start(image)).define();
    await rig.put({ id: 'a' }, { id: 'b' }, { id: 'a', message: 'again' });
    await rig.pump.close();
    const again = await Rig.start(image);
    await again.put({ id: 'c' });
    const numbers = await Promise.all(['a', 'b', 'c'].map((key) => createdBy(again, key)));
    expect(numbers).toEqual([501, 502, 504]);
  });

  test('never reuses an execution id, even for a detector created anew', async () => {
    const image = emptyImage();
    const ids = new Set<string>();
    for (let run = 0; run < 3; run++) {
      const rig = await Rig.start(image, START + run * 100_000);
      if (run === 0) await rig.define();
      await rig.put({ id: 'a', seconds: 1, message: `m${run}` });
      await rig.clock.advance(START + run * 100_000 + 2000, rig.idle);
      for (const { actionExecutionId } of rig.effects) ids.add(actionExecutionId);
      await rig.service.host.command([{ type: 'DeleteDetector', modelName: 'M', keyValue: 'a' }]);
      await rig.pump.close();
    }
    expect(ids.size).toBe(3);
  });
});

describe('limits', () => {
  test('more waiting messages than the queue holds are throttled, and accepted afterwards', async () => {
    const rig = await (await Rig.start(emptyImage(), START, { queuedMessages: 10 })).define();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => rig.put({ id: 'a', message: `m${n}` })),
    );
    const codes = answers.flatMap((answer) =>
      answer.BatchPutMessageErrorEntries.map(({ errorCode }) => errorCode),
    );
    expect(codes).toEqual(['ThrottlingException', 'ThrottlingException']);
    expect((await rig.put({ id: 'a', message: 'm11' })).BatchPutMessageErrorEntries).toEqual([]);
    expect(rig.count('a')).toBe(11);
  });

  test('more detectors than a model may have are refused, by key', async () => {
    const rig = await (await Rig.start(emptyImage(), START, { detectorsPerModel: 2 })).define();
    const { BatchPutMessageErrorEntries: entries } = await rig.put(
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
      { id: 'a' },
    );
    expect(entries).toMatchObject([
      { errorCode: 'InvalidRequestException', errorMessage: expect.stringContaining('2') },
    ]);
    const { detectorSummaries } = await listDetectors(rig.service, { detectorModelName: 'M' });
    expect(detectorSummaries).toHaveLength(2);
  });

  test('nothing is accepted after close', async () => {
    const rig = await (await Rig.start()).define();
    const last = rig.put({ id: 'a' });
    const closed = rig.pump.close();
    await expect(rig.put({ id: 'b' })).rejects.toMatchObject({ code: 'ServiceUnavailableException' });
    await closed;
    expect((await last).BatchPutMessageErrorEntries).toEqual([]);
  });
});

test('lateness is measured: the current one, and that of each fired timer', async () => {
  const rig = await (await Rig.start()).define();
  await rig.put({ id: 'a', seconds: 60 });
  expect(rig.pump.lateness).toBe(0);
  // No callback has run: the event loop was blocked, or the machine was suspended.
  rig.clock.jump(START + 75_000);
  expect(rig.pump.lateness).toBe(15_000);
  await rig.put({ id: 'b' });
  expect(rig.pump.lateness).toBe(0);
  const { values } = (await rig.metrics.registry.getSingleMetric('tripline_timer_delay_seconds')?.get()) ?? {
    values: [],
  };
  const of = (name: string) =>
    values.find(
      (value) => 'metricName' in value && value.metricName === `tripline_timer_delay_seconds_${name}`,
    )?.value;
  expect([of('count'), of('sum')]).toEqual([1, 15]);
});

test('calls are answered in the next turn, however many timers are overdue', async () => {
  const image = emptyImage();
  const rig = await (await Rig.start(image)).define();
  const ids = Array.from({ length: 400 }, (_, n) => `k${n}`);
  for (let at = 0; at < ids.length; at += 10)
    await rig.put(...ids.slice(at, at + 10).map((id) => ({ id, seconds: 60 })));
  const later = await Rig.start(image, START + 3_600_000, { turnSize: 20 });
  const answered = later.put({ id: 'new' });
  await answered;
  // Timers get half of a turn of 20; the turn in progress may have been timers only.
  expect(later.effects.length).toBeLessThanOrEqual(30);
  expect(later.count('new')).toBe(1);
  while (later.effects.length < ids.length) await later.idle();
});

test('a turn takes no more work once its actions are too large for one commit', async () => {
  const image = emptyImage();
  const rig = await (await Rig.start(image)).define();
  for (let n = 0; n < 30; n++) await rig.put({ id: `k${n}`, seconds: 60 });
  // A default payload has about 400 characters.
  const later = await Rig.start(image, START + 3_600_000, { turnText: 1000 });
  while (later.effects.length < 30) await later.idle();
  expect(later.commits.length).toBeGreaterThanOrEqual(10);
});
