import { describe, expect, test } from 'vitest';
import { quietLog } from '../../../test/support/quiet.ts';
import { all } from '../../../test/support/store-suite.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../store/memory-store.ts';
import type { Changes, Store } from '../../store/store.ts';
import { FORMAT, MIGRATIONS, type Migration, migrate } from './migrations.ts';

const meta = (format: number) => JSON.stringify({ format, slots: 256 });

function imageOf(rows: Readonly<Record<string, string>>): MemoryImage {
  return { ...emptyImage(), rows: new Map(Object.entries(rows)) };
}

/** A process that is killed at its n-th commit, before or after that commit is durable. */
function mortal(image: MemoryImage, dieAt: number, isDurable: boolean): Store {
  const store = openMemoryStore(image);
  let commits = 0;
  return {
    ...store,
    commit: async (changes: Changes) => {
      const dies = ++commits === dieAt;
      if (!dies || isDurable) await store.commit(changes);
      if (dies) throw new Error('killed');
    },
  };
}

/** Steps that only exercise the mechanism: each doubles a number, so that a repeated step shows. */
const double = (from: number): Migration => ({
  from,
  changes: async (store) => [['n', String(Number(await store.get('n')) * 2)]],
});
const STEPS = [double(1), double(2), double(3)];

describe('migrations', () => {
  test('lead from each format to the newest, and leave a new directory alone', async () => {
    expect(MIGRATIONS.map(({ from }) => from)).toEqual(Array.from({ length: FORMAT - 1 }, (_, n) => n + 1));
    const image = emptyImage();
    await migrate(openMemoryStore(image), quietLog);
    expect(image.rows.size).toBe(0);
  });

  for (const dieAt of [1, 2, 3])
    for (const isDurable of [false, true])
      test(`killed at step ${dieAt}, ${isDurable ? 'after' : 'before'} it is durable, run exactly once each`, async () => {
        const image = imageOf({ meta: meta(1), n: '1' });
        await expect(migrate(mortal(image, dieAt, isDurable), quietLog, STEPS, 4)).rejects.toThrow('killed');
        await migrate(openMemoryStore(image), quietLog, STEPS, 4);
        expect(image.rows).toEqual(
          new Map([
            ['meta', meta(4)],
            ['n', '8'],
          ]),
        );
      });

  test('refuse a newer format and one that is too old, with both numbers and what to do', async () => {
    const refuses = (format: number, message: RegExp, steps?: readonly Migration[]) =>
      expect(
        migrate(openMemoryStore(imageOf({ meta: meta(format) })), quietLog, steps),
      ).rejects.toMatchObject({
        code: 'VERSION',
        message: expect.stringMatching(message),
      });
    await refuses(FORMAT + 1, /format 6; this version reads format 5\. Install the version that wrote it/);
    await refuses(1, /format 1; this version reads format 5\. It is too old/, []);
  });
});

test('format 1 gets one queue for each target, and rows for finished executions', async () => {
  const order = (n: number) => `000001600000000/0000000${n}`;
  const execution = (status: string, more: object = {}) => ({
    actionExecutionId: 'id',
    type: 'sqs',
    detectorModelName: 'M',
    eventName: 'e',
    attempts: 0,
    createdAt: 1_600_000_000_000,
    status,
    request: {
      service: 'sqs',
      operation: 'SendMessage',
      input: { QueueUrl: 'http://q/a', MessageBody: 'x' },
    },
    ...more,
  });
  const sent = {
    service: 'iotevents-data',
    operation: 'BatchPutMessage',
    input: { messages: [{ inputName: 'I' }] },
  };
  const image = imageOf({
    meta: meta(1),
    'version/M/0000000001': '{"roleArn":"old"}',
    'version/M/0000000002': '{"roleArn":"new"}',
    [`action/${order(0)}`]: JSON.stringify(execution('DELIVERED')),
    [`action/${order(1)}`]: JSON.stringify(execution('FAILED', { request: undefined, lastError: 'why' })),
    [`action/${order(2)}`]: JSON.stringify(execution('PENDING')),
    [`action/${order(3)}`]: JSON.stringify(execution('PENDING', { type: 'iotEvents', request: sent })),
    [`action/${order(4)}`]: JSON.stringify(execution('RECORDED')),
    [`pending/${order(2)}`]: '',
    [`pending/${order(3)}`]: '',
  });
  const store = openMemoryStore(image);
  await migrate(store, quietLog);
  const rows = new Map(await all(store.scan({ from: '', to: '~' })));
  const keys = [...rows.keys()].filter((key) => /^(pending|failed|done)/.test(key));
  expect(keys).toEqual([
    `done/${order(0)}`,
    `done/${order(4)}`,
    `failed/${order(1)}`,
    `pending/iotevents-data%2FI/${order(3)}`,
    `pending/sqs%2Fhttp%3A%2F%2Fq%2Fa/${order(2)}`,
  ]);
  expect(rows.get(`pending/sqs%2Fhttp%3A%2F%2Fq%2Fa/${order(2)}`)).toBe(order(2));
  const read = (n: number) => JSON.parse(rows.get(`action/${order(n)}`) ?? '');
  expect(read(2)).toMatchObject({ roleArn: 'new', target: 'sqs/http://q/a', status: 'PENDING' });
  expect(read(3)).toMatchObject({ target: 'iotevents-data/I', chain: 1000 });
  expect(read(1)).not.toHaveProperty('target');
  expect(rows.get('meta')).toBe(meta(FORMAT));
});

test('format 3 gets rows that find executions by id and by key', async () => {
  const order = (n: number) => `000001600000000/0000000${n}`;
  const execution = (n: number, keyValue?: string) =>
    JSON.stringify({ actionExecutionId: `id${n}`, keyValue });
  const image = imageOf({
    meta: meta(3),
    [`action/${order(0)}`]: execution(0, 'k'),
    [`action/${order(1)}`]: execution(1),
  });
  await migrate(openMemoryStore(image), quietLog);
  expect(image.rows.get('action-id/id0')).toBe(order(0));
  expect(image.rows.get('action-id/id1')).toBe(order(1));
  expect([...image.rows.keys()].filter((key) => key.startsWith('action-of/'))).toEqual([
    `action-of/k/${order(0)}`,
  ]);
});
