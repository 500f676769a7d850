import { describe, expect, test } from 'vitest';
import { quietLog } from '../../test/support/quiet.ts';
import { SimulatedClock } from '../../test/support/simulated-clock.ts';
import { SendError, type ServiceRequest } from '../action/index.ts';
import type { ActionEffect } from '../detector/effect.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { emptyImage, openMemoryStore } from '../store/memory-store.ts';
import { Dispatcher } from './dispatcher.ts';
import { RuntimeMetrics } from './metrics.ts';
import { Outbox } from './outbox.ts';

const START = 1_600_000_000_000;

/** An outbox and a dispatcher whose targets do what the test says. */
class Rig {
  readonly clock = new SimulatedClock(START);
  readonly sent: string[] = [];
  readonly image;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  answer: (message: string, attempt: number) => Promise<void> = async () => {};
  #position = 0;

  constructor(image = emptyImage()) {
    this.image = image;
    const store = openMemoryStore(image);
    const common = {
      limits: { ...DEFAULT_LIMITS, deliveryAttempts: 3 },
      log: quietLog,
      metrics: new RuntimeMetrics(),
    };
    this.outbox = new Outbox(store, { ...common, deliver: (queued) => this.dispatcher.deliver(queued) });
    const attempts = new Map<string, number>();
    this.dispatcher = new Dispatcher({
      ...common,
      outbox: this.outbox,
      clock: this.clock,
      random: () => 0.5,
      senders: {
        send: async ({ input }: ServiceRequest) => {
          const message = String(input.Message ?? input.MessageBody);
          attempts.set(message, (attempts.get(message) ?? 0) + 1);
          await this.answer(message, attempts.get(message) ?? 0);
          this.sent.push(message);
        },
        close: async () => {},
      },
    });
  }

  async act(keyValue: string, type: 'sns' | 'sqs', text: string): Promise<void> {
    const effect: ActionEffect = {
      actionExecutionId: `id-${++this.#position}`,
      type,
      detectorModelName: 'M',
      detectorModelVersion: '1',
      keyValue,
      eventName: 'e',
      eventTime: this.clock.now(),
      parameters: type === 'sns' ? { targetArn: 'arn:aws:sns:us-east-1:0:t' } : { queueUrl: 'http://q' },
      payload: { type: 'STRING', text },
    };
    const store = openMemoryStore(this.image);
    const { rows, committed } = this.outbox.prepare([effect], this.clock.now());
    await store.commit({ rows });
    committed();
  }

  settle = async () => {
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
  };

  async statuses(): Promise<[string, number, string?][]> {
    const { actions } = await this.outbox.list({}, { maxResults: 100 });
    return actions
      .reverse()
      .map(({ status, attempts, lastError }) =>
        lastError ? [status, attempts, lastError] : [status, attempts],
      );
  }
}

describe('deliveries', () => {
  test('go in order per detector and type, and are listed as delivered', async () => {
    const rig = new Rig();
    for (const text of ['1', '2', '3']) await rig.act('a', 'sns', text);
    await rig.settle();
    expect(rig.sent).toEqual(['1', '2', '3']);
    expect(await rig.statuses()).toEqual([
      ['DELIVERED', 1],
      ['DELIVERED', 1],
      ['DELIVERED', 1],
    ]);
  });

  test('that fail in passing are repeated, in their place; others do not wait', async () => {
    const rig = new Rig();
    rig.answer = async (message, attempt) => {
      if (message === 'a1' && attempt < 3) throw new SendError('RETRYABLE', 'busy');
    };
    for (const text of ['a1', 'a2']) await rig.act('a', 'sns', text);
    await rig.act('b', 'sns', 'b1');
    await rig.act('a', 'sqs', 'a-sqs');
    await rig.settle();
    expect(rig.sent).toEqual(['b1', 'a-sqs']);
    expect((await rig.statuses())[0]).toEqual(['PENDING', 1, 'SendError: busy']);
    await rig.clock.advance(START + 10_000, rig.settle);
    expect(rig.sent).toEqual(['b1', 'a-sqs', 'a1', 'a2']);
    expect((await rig.statuses())[0]).toEqual(['DELIVERED', 3, 'SendError: busy']);
  });

  test('that fail for good are given up, listed with the reason, and the next one goes', async () => {
    const rig = new Rig();
    rig.answer = async (message) => {
      if (message === '1') throw new SendError('TERMINAL', 'no such topic');
      if (message === '2') throw new SendError('RETRYABLE', 'down');
    };
    for (const text of ['1', '2', '3']) await rig.act('a', 'sns', text);
    await rig.settle();
    await rig.clock.advance(START + 60_000, rig.settle);
    expect(rig.sent).toEqual(['3']);
    expect(await rig.statuses()).toEqual([
      ['FAILED', 1, 'SendError: no such topic'],
      ['FAILED', 3, 'SendError: down'],
      ['DELIVERED', 1],
    ]);
  });

  test('that were not finished are sent after a restart, with the same id', async () => {
    const rig = new Rig();
    rig.answer = () => new Promise(() => {});
    await rig.act('a', 'sns', 'stuck');
    await rig.settle();
    const again = new Rig(rig.image);
    const pending = await again.outbox.open();
    expect(pending.map(({ execution }) => execution.actionExecutionId)).toEqual(['id-1']);
    for (const queued of pending) again.dispatcher.deliver(queued);
    await again.settle();
    expect(again.sent).toEqual(['stuck']);
    expect(await again.statuses()).toEqual([['DELIVERED', 1]]);
    expect(await new Rig(rig.image).outbox.open()).toEqual([]);
  });

  test('a close waits for what is under way and begins nothing more', async () => {
    const rig = new Rig();
    let finish: () => void = () => {};
    rig.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    for (const text of ['1', '2']) await rig.act('a', 'sns', text);
    await rig.settle();
    const closed = rig.dispatcher.close();
    finish();
    await closed;
    await rig.settle();
    expect(rig.sent).toEqual(['1']);
    expect(await rig.statuses()).toEqual([
      ['DELIVERED', 1],
      ['PENDING', 0],
    ]);
  });
});

test('the list is newest first, filters, and pages on', async () => {
  const rig = new Rig();
  for (let n = 0; n < 7; n++) await rig.act(n % 2 === 0 ? 'even' : 'odd', 'sns', String(n));
  await rig.settle();
  const texts = async (after?: string) => {
    const page = await rig.outbox.list({ keyValue: 'even' }, { maxResults: 3, ...(after && { after }) });
    return { next: page.next, texts: page.actions.map(({ request }) => request?.input.Message) };
  };
  const first = await texts();
  expect(first.texts).toEqual(['6', '4', '2']);
  expect(await texts(first.next)).toEqual({ next: undefined, texts: ['0'] });
  expect((await rig.outbox.list({ status: 'FAILED' }, { maxResults: 3 })).actions).toEqual([]);
});
