import { describe, expect, test } from 'vitest';
import { DeliveryRig, down, START } from '../../../test/support/delivery-rig.ts';
import { SendError } from '../../send/index.ts';
import { Fault } from '../fault.ts';

function refuse(): never {
  throw new SendError('TERMINAL', 'no such topic');
}

async function withFailed(count: number, limits = {}): Promise<DeliveryRig> {
  const rig = await DeliveryRig.start(limits);
  rig.target = async () => refuse();
  for (let n = 0; n < count; n++) await rig.act(n % 2 === 0 ? 'even' : 'odd', [String(n)]);
  await rig.settle();
  rig.target = async () => {};
  return rig;
}

async function idOf(rig: DeliveryRig, index: number): Promise<string> {
  return (await rig.all())[index]?.actionExecutionId ?? '';
}

describe('the list', () => {
  test('is newest first, with filters and pages', async () => {
    const rig = await DeliveryRig.start();
    for (let n = 0; n < 7; n++) await rig.act(n % 2 === 0 ? 'even' : 'odd', [String(n)]);
    await rig.settle();
    const page = async (after?: string) => {
      const { actions, next } = await rig.executions.list(
        { keyValue: 'even' },
        { maxResults: 3, ...(after && { after }) },
      );
      return { next, texts: actions.map(({ request }) => request?.input.Message) };
    };
    const first = await page();
    expect(first.texts).toEqual(['6', '4', '2']);
    // New executions are newer than the page and do not shift it.
    await rig.act('even', ['8']);
    expect(await page(first.next)).toEqual({ next: undefined, texts: ['0'] });
  });

  test.each([
    [{ status: 'FAILED' as const }, ['2']],
    [{ status: 'DELIVERED' as const }, ['0', '1']],
    [{ type: 'sqs' as const }, ['1']],
    [{ target: 'sqs/http://q/q' }, ['1']],
    [{ detectorModelName: 'Other' }, []],
    [{ keyValue: 'a', status: 'FAILED' as const }, ['2']],
  ])('filtered by %j has %j', async (filter, texts) => {
    const rig = await DeliveryRig.start();
    rig.target = async (text) => {
      if (text === '2') refuse();
    };
    await rig.act('a', ['0']);
    await rig.act('a', ['1'], 'q');
    await rig.act('a', ['2']);
    await rig.settle();
    const { actions } = await rig.executions.list(filter, { maxResults: 10 });
    expect(actions.map(({ request }) => request?.input.Message ?? request?.input.MessageBody).sort()).toEqual(
      texts,
    );
  });

  test('finds by id and by key without reading other executions', async () => {
    const rig = await DeliveryRig.start();
    for (let n = 0; n < 200; n++) await rig.act(n % 100 === 0 ? 'rare' : 'often', [String(n)]);
    await rig.settle();
    const id = await idOf(rig, 100);
    const { scan } = rig.store;
    let read = 0;
    rig.store.scan = async function* (range) {
      for await (const row of scan(range)) {
        read++;
        yield row;
      }
    };
    expect((await rig.executions.get(id)).request?.input.Message).toBe('100');
    expect(read).toBe(0);
    const { actions } = await rig.executions.list({ keyValue: 'rare' }, { maxResults: 10 });
    expect(actions.map(({ request }) => request?.input.Message)).toEqual(['100', '0']);
    expect(read).toBe(2);
  });

  test('leaves no index rows of removed executions', async () => {
    const rig = await withFailed(1);
    await rig.executions.discard(await idOf(rig, 0));
    const limited = await DeliveryRig.start(
      { actionHistory: 0, failedActionHistory: 0 },
      { image: rig.image },
    );
    await limited.act('a', ['1']);
    limited.target = async () => refuse();
    await limited.act('a', ['2']);
    await limited.settle();
    expect([...rig.image.rows.keys()]).toEqual([]);
  });

  test('keeps the newest of each kind up to the limits, also after a restart', async () => {
    const limits = { actionHistory: 20, failedActionHistory: 10 };
    const rig = await withFailed(30, limits);
    for (let n = 0; n < 60; n++) await rig.act('a', [`ok${n}`]);
    await rig.settle();
    const count = async (status: 'FAILED' | 'DELIVERED', { executions }: DeliveryRig) =>
      (await executions.list({ status }, { maxResults: 1000 })).actions.length;
    // Up to a tenth more than the limit is kept.
    expect(await count('FAILED', rig)).toBeLessThanOrEqual(11);
    expect(await count('DELIVERED', rig)).toBeLessThanOrEqual(22);
    expect(rig.sent).toHaveLength(60);
    const again = await DeliveryRig.start(limits, { image: rig.image, now: START + 1 });
    expect(again.executions.failed).toBe(await count('FAILED', again));
    expect((await again.all()).at(-1)?.request?.input.Message).toBe('ok59');
    expect(
      rig.logged.some(([, , message]) => message === 'the oldest failed actions were removed from the list'),
    ).toBe(true);
  });
});

describe('redrive', () => {
  test('sends a failed execution again, under its id, with its attempts reset', async () => {
    const rig = await withFailed(1);
    const id = await idOf(rig, 0);
    expect(await rig.executions.redrive(id)).toMatchObject({
      status: 'PENDING',
      attempts: 0,
      actionExecutionId: id,
    });
    await rig.settle();
    expect(rig.sent).toEqual(['0']);
    expect(await rig.statuses()).toEqual([['DELIVERED', 1, 'SendError: no such topic']]);
    expect(rig.executions.failed).toBe(0);
  });

  test('queues behind the target’s waiting deliveries, and restarts the age limit', async () => {
    const rig = await withFailed(1, { deliveryAge: 60_000 });
    await rig.advance(100_000);
    rig.target = async () => down();
    await rig.act('even', ['1']);
    await rig.executions.redrive(await idOf(rig, 0));
    await rig.advance(20_000);
    expect((await rig.statuses()).map(([status]) => status)).toEqual(['PENDING', 'PENDING']);
    rig.target = async () => {};
    await rig.advance(20_000);
    expect(rig.sent).toEqual(['1', '0']);
  });

  test('survives a restart', async () => {
    const rig = await withFailed(1);
    rig.target = () => new Promise(() => {});
    await rig.executions.redrive(await idOf(rig, 0));
    const again = await DeliveryRig.start({}, { image: rig.image, now: START + 1 });
    expect(again.sent).toEqual(['0']);
  });

  test('of all matching executions goes oldest first and skips those without a request', async () => {
    const rig = await withFailed(6);
    const [first] = await rig.all();
    const { actionExecutionId: _id, request: _request, ...rest } = first ?? {};
    await rig.store.commit({
      rows: [
        [
          'action/001600000000000/00009999',
          JSON.stringify({ ...rest, actionExecutionId: 'x', keyValue: 'even' }),
        ],
        ['failed/001600000000000/00009999', ''],
        ['action-of/even/001600000000000/00009999', ''],
      ],
    });
    expect(await rig.executions.redriveAll({ keyValue: 'even' })).toEqual({ redriven: 3, skipped: 1 });
    await rig.settle();
    expect(rig.sent).toEqual(['0', '2', '4']);
    expect(await rig.executions.redriveAll({})).toEqual({ redriven: 3, skipped: 1 });
    await rig.settle();
    expect(rig.sent).toEqual(['0', '2', '4', '1', '3', '5']);
  });

  test('is refused when the execution did not fail or is unknown, or when nothing is sent', async () => {
    const rig = await withFailed(1);
    await rig.act('a', ['ok']);
    await rig.settle();
    const refused = (run: Promise<unknown>) => expect(run).rejects.toThrow(Fault);
    await refused(rig.executions.redrive(await idOf(rig, 1)));
    await expect(rig.executions.redrive('nothing')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    const recording = await DeliveryRig.start({}, { image: rig.image, sends: false });
    await expect(recording.executions.redrive(await idOf(rig, 0))).rejects.toThrow(
      '--actions record sends nothing',
    );
    await expect(recording.executions.redriveAll({})).rejects.toThrow('--actions record sends nothing');
  });
});

describe('discard', () => {
  test('removes a failed execution from the list', async () => {
    const rig = await withFailed(2);
    await rig.executions.discard(await idOf(rig, 0));
    expect((await rig.all()).map(({ request }) => request?.input.Message)).toEqual(['1']);
    expect(rig.executions.failed).toBe(1);
    expect(await rig.executions.redriveAll({})).toEqual({ redriven: 1, skipped: 0 });
  });

  test('of waiting executions keeps those in progress', async () => {
    const rig = await DeliveryRig.start({ deliveriesHeld: 4 });
    rig.target = () => new Promise(() => {});
    for (let n = 0; n < 10; n++) await rig.act('a', [String(n)]);
    await rig.settle();
    await expect(rig.executions.discard(await idOf(rig, 0))).rejects.toThrow('in progress');
    expect(await rig.executions.discardAll({ status: 'PENDING' })).toEqual({ discarded: 9, skipped: 1 });
    expect([...rig.outbox.pending.values()]).toEqual([1]);
    const again = await DeliveryRig.start({}, { image: rig.image, now: START + 1 });
    expect(again.sent).toEqual(['0']);
    expect(await again.statuses()).toEqual([['DELIVERED', 1]]);
  });

  test('is refused for finished executions', async () => {
    const rig = await DeliveryRig.start();
    await rig.act('a', ['ok']);
    await rig.settle();
    await expect(rig.executions.discard(await idOf(rig, 0))).rejects.toThrow('nothing to discard');
    expect(await rig.statuses()).toEqual([['DELIVERED', 1]]);
  });
});

test('without a dispatcher everything is recorded', async () => {
  const rig = await DeliveryRig.start({}, { sends: false });
  await rig.act('a', ['x']);
  await rig.settle();
  expect(await rig.statuses()).toEqual([['RECORDED', 0]]);
  expect(rig.attempts).toBe(0);
});
