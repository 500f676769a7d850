import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeliveryRig, down, START } from '../../../test/support/delivery-rig.ts';
import { SendError } from '../../send/index.ts';

describe('deliveries', () => {
  test('keep the order of each detector, and are listed as delivered', async () => {
    const rig = await DeliveryRig.start();
    await rig.act('a', ['1', '2', '3']);
    await rig.settle();
    expect(rig.sent).toEqual(['1', '2', '3']);
    expect(await rig.statuses()).toEqual([
      ['DELIVERED', 1],
      ['DELIVERED', 1],
      ['DELIVERED', 1],
    ]);
    expect([...rig.dispatcher.runners]).toEqual([]);
  });

  test('that fail transiently are repeated in place; other detectors and targets do not wait', async () => {
    const rig = await DeliveryRig.start();
    rig.target = async (text) => {
      if (text === 'a1' && rig.attempts < 5) down();
    };
    await rig.act('a', ['a1', 'a2']);
    await rig.act('b', ['b1']);
    await rig.act('a', ['a-q'], 'q');
    await rig.settle();
    expect(rig.sent).toEqual(['b1', 'a-q']);
    expect((await rig.statuses())[0]).toEqual(['PENDING', 1, 'SendError: down']);
    await rig.advance(10_000);
    expect(rig.sent).toEqual(['b1', 'a-q', 'a1', 'a2']);
    expect((await rig.statuses())[0]).toEqual(['DELIVERED', 3, 'SendError: down']);
  });

  test('are retried after a random wait whose ceiling doubles each time', async () => {
    const rig = await DeliveryRig.start();
    const times: number[] = [];
    rig.target = async (text) => {
      if (text === 'ok') return;
      times.push(rig.clock.now() - START);
      down();
    };
    await rig.act('a', ['x']);
    for (let n = 0; n < 60; n++) {
      // Other deliveries keep succeeding, so the target does not count as down.
      await rig.act(`other${n}`, ['ok']);
      await rig.advance(100);
    }
    expect(times).toEqual([0, 200, 600, 1400, 3000]);
  });

  test('that fail finally are listed with the reason, and the next one is sent', async () => {
    const rig = await DeliveryRig.start({ deliveryAttempts: 3 });
    rig.target = async (text) => {
      if (text === '1') throw new SendError('TERMINAL', 'no such topic');
      if (text === '2') down();
    };
    await rig.act('a', ['1', '2', '3']);
    await rig.advance(60_000);
    expect(rig.sent).toEqual(['3']);
    expect(await rig.statuses()).toEqual([
      ['FAILED', 1, 'SendError: no such topic'],
      ['FAILED', 3, 'SendError: down'],
      ['DELIVERED', 1],
    ]);
    expect(rig.logged.filter(([level]) => level === 'error')).toMatchObject([
      [
        'error',
        { error: 'SendError: no such topic', target: 'sns/arn:aws:sns:us-east-1:0:t' },
        'action failed',
      ],
      ['error', { error: 'SendError: down', attempts: 3 }, 'action failed'],
    ]);
    expect(JSON.stringify(rig.logged)).not.toContain('Message');
  });

  test('to one target are limited in number at once', async () => {
    const rig = await DeliveryRig.start({ deliveriesPerTarget: 4 });
    let most = 0;
    const waiting: (() => void)[] = [];
    rig.target = () => {
      most = Math.max(most, waiting.length + 1);
      return new Promise((resolve) => waiting.push(resolve));
    };
    for (let n = 0; n < 20; n++) await rig.act(`k${n}`, [String(n)]);
    await rig.settle();
    while (waiting.length > 0) {
      waiting.shift()?.();
      await rig.settle();
    }
    expect(most).toBe(4);
    expect(rig.sent).toHaveLength(20);
  });

  test('that were not finished are sent after a restart, with the same id', async () => {
    const rig = await DeliveryRig.start();
    rig.target = () => new Promise(() => {});
    await rig.act('a', ['stuck', 'next']);
    await rig.settle();
    const ids = (await rig.all()).map(({ actionExecutionId }) => actionExecutionId);
    const again = await DeliveryRig.start({}, { image: rig.image, now: START + 1000 });
    expect(again.sent).toEqual(['stuck', 'next']);
    expect((await again.all()).map(({ actionExecutionId }) => actionExecutionId)).toEqual(ids);
    expect(await again.statuses()).toEqual([
      ['DELIVERED', 1],
      ['DELIVERED', 1],
    ]);
    expect((await DeliveryRig.start({}, { image: rig.image })).sent).toEqual([]);
  });

  test.each([
    ['up', async () => {}],
    ['down for a while', async (n: number) => (n < 8 ? down() : undefined)],
  ])(
    'of an earlier run go before those of a timer that fires at the start, its target %s',
    async (_name, answer) => {
      const rig = await DeliveryRig.start({}, { target: () => new Promise(() => {}) });
      const waiting = Array.from({ length: 20 }, (_, n) => `waiting${n}`);
      await rig.act('a', waiting);
      let attempts = 0;
      const again = await DeliveryRig.start(
        {},
        {
          image: rig.image,
          now: START + 1000,
          target: () => answer(attempts++),
          beforeStart: (opened) => opened.act('a', ['timer']),
        },
      );
      await again.advance(60_000);
      expect(again.sent).toEqual([...waiting, 'timer']);
    },
  );

  test('close waits for deliveries in progress and starts nothing more', async () => {
    const rig = await DeliveryRig.start();
    let finish: () => void = () => {};
    rig.target = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    await rig.act('a', ['1', '2']);
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

describe('more targets than queues', () => {
  test('keep their order, whichever queue they wait in', async () => {
    const rig = await DeliveryRig.start({ deliveryTargets: 2 });
    let isDown = true;
    rig.target = async () => {
      if (isDown) down();
    };
    await rig.act('a', ['one'], 'one');
    await rig.act('a', ['two'], 'two');
    await rig.act('a', ['three-1', 'three-2'], 'three');
    await rig.settle();
    expect([...rig.outbox.pending.keys()]).toEqual(['sqs/http://q/one', 'sqs/http://q/two', 'sqs/*']);
    // The third target has a queue of its own again while some of its deliveries still wait in the shared one.
    rig.target = async (text) => {
      if (isDown && text.startsWith('three')) down();
    };
    await rig.advance(1000);
    expect(rig.sent).toEqual(['one', 'two']);
    await rig.act('a', ['three-3'], 'three');
    isDown = false;
    await rig.advance(60_000);
    expect(rig.sent.filter((text) => text.startsWith('three'))).toEqual(['three-1', 'three-2', 'three-3']);
    await rig.act('a', ['three-4'], 'three');
    await rig.settle();
    expect((await rig.all()).map(({ queue, target }) => [queue, target]).slice(-2)).toEqual([
      ['sqs/*', 'sqs/http://q/three'],
      [undefined, 'sqs/http://q/three'],
    ]);
  });

  test('wait only for their own deliveries within a shared queue', async () => {
    const rig = await DeliveryRig.start({ deliveryTargets: 0 });
    rig.target = async (text) => {
      if (text === 'dead') down();
    };
    await rig.act('a', ['dead'], 'dead');
    await rig.act('a', ['alive'], 'alive');
    await rig.settle();
    expect(rig.sent).toEqual(['alive']);
  });
});

describe('a target that is down', () => {
  test('is tried by one delivery at a time, at growing intervals, and delays no other target', async () => {
    const rig = await DeliveryRig.start();
    rig.target = async (_text, { service }) => {
      if (service === 'sns') down();
    };
    for (let n = 0; n < 100; n++) await rig.act(`k${n}`, [`down${n}`]);
    await rig.settle();
    const first = rig.attempts;
    expect(first).toBeLessThanOrEqual(rig.limits.deliveriesPerTarget + 5);
    await rig.advance(60_000);
    // 500 ms doubled up to 10 s, three quarters of it each: 9 tries in a minute.
    expect(rig.attempts - first).toBeLessThan(15);
    for (let n = 0; n < 50; n++) await rig.act(`k${n}`, [`up${n}`], 'q');
    await rig.settle();
    expect(rig.sent).toEqual(Array.from({ length: 50 }, (_, n) => `up${n}`));
    const metrics = await rig.metrics.registry.metrics();
    expect(metrics).toMatch(
      /tripline_action_retries_total\{type="sns",target="sns\/arn:aws:sns:us-east-1:0:t"\} \d+/,
    );
  });

  test('receives everything once it is reachable again, in order per detector, after any number of attempts', async () => {
    const rig = await DeliveryRig.start({ deliveryAttempts: 3, deliveriesHeld: 20 });
    let isDown = true;
    rig.target = async () => {
      if (isDown) down();
    };
    for (let n = 0; n < 200; n++) await rig.act(`k${n % 7}`, [`k${n % 7}-${n}`]);
    await rig.advance(60_000);
    expect(rig.sent).toEqual([]);
    isDown = false;
    await rig.advance(11_000);
    expect(rig.sent).toHaveLength(200);
    for (let key = 0; key < 7; key++) {
      const own = rig.sent
        .filter((text) => text.startsWith(`k${key}-`))
        .map((text) => Number(text.split('-')[1]));
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(new Set((await rig.statuses()).map(([status]) => status))).toEqual(new Set(['DELIVERED']));
    expect(rig.logged.filter(([, , message]) => message.startsWith('target is'))).toMatchObject([
      ['warn', {}, 'target is down; it is retried at growing intervals'],
      ['info', {}, 'target is reachable again'],
    ]);
  });

  test('fails deliveries that have waited too long, including those not in memory', async () => {
    const rig = await DeliveryRig.start({ deliveriesHeld: 5, deliveryAge: 60_000 });
    rig.target = async () => down();
    for (let n = 0; n < 30; n++) await rig.act(`k${n}`, [String(n)]);
    await rig.advance(50_000);
    await rig.act('late', ['late']);
    await rig.advance(30_000);
    const statuses = await rig.statuses();
    expect(statuses.slice(0, 30).map(([status]) => status)).toEqual(Array(30).fill('FAILED'));
    expect(statuses[29]?.[2]).toContain('Not delivered within 60 s');
    expect(statuses[30]?.[0]).toBe('PENDING');
  });

  test('holds no more in memory than the limit', async () => {
    const rig = await DeliveryRig.start({ deliveriesHeld: 10 });
    rig.target = async () => down();
    for (let n = 0; n < 500; n++) await rig.act(`k${n}`, [String(n)]);
    await rig.advance(30_000);
    expect([...rig.dispatcher.runners].map(({ held }) => held)).toEqual([10]);
    expect(rig.outbox.pending.get('sns/arn:aws:sns:us-east-1:0:t')).toBe(500);
  });
});

test('targets past the limit share one queue for each service, and still receive everything', async () => {
  const rig = await DeliveryRig.start({ deliveryTargets: 3 });
  rig.target = async () => down();
  for (let n = 0; n < 8; n++) await rig.act('a', [String(n)], `q${n}`);
  expect([...rig.outbox.pending.keys()]).toEqual([
    'sqs/http://q/q0',
    'sqs/http://q/q1',
    'sqs/http://q/q2',
    'sqs/*',
  ]);
  rig.target = async () => {};
  await rig.advance(60_000);
  expect([...rig.sent].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
});

test('outcomes that cannot be saved stop all sending until the store recovers', async () => {
  const rig = await DeliveryRig.start();
  await rig.act('a', ['1']);
  rig.breakCommits = true;
  await rig.settle();
  expect(rig.sent).toEqual(['1']);
  rig.breakCommits = false;
  await rig.act('b', ['2']);
  await rig.settle();
  expect(rig.sent).toEqual(['1']);
  expect(await rig.statuses()).toEqual([
    ['PENDING', 0],
    ['PENDING', 0],
  ]);
  await rig.advance(1000);
  expect(rig.sent).toEqual(['1', '2']);
  expect(await rig.statuses()).toEqual([
    ['DELIVERED', 1],
    ['DELIVERED', 1],
  ]);
});

/** Random events in random order. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.nat(3), queue: fc.nat(1), count: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 3, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 2, arbitrary: fc.record({ down: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ up: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.constant({ restart: true as const }) },
);

test('whatever happens, everything arrives, in the order of each detector and target', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 30 }),
      fc.integer({ min: 1, max: 12 }),
      async (happenings, held) => {
        const limits = { deliveriesHeld: held, deliveriesPerTarget: 3, deliveryAttempts: 1000 };
        const downs = new Set<string>();
        const arrived: string[] = [];
        const target = async (text: string, { input }: { input: Readonly<Record<string, unknown>> }) => {
          if (downs.has(String(input.QueueUrl))) down();
          arrived.push(text);
        };
        let rig = await DeliveryRig.start(limits, { target });
        const expected = new Map<string, string[]>();
        let n = 0;
        for (const each of happenings) {
          if ('act' in each) {
            const lane = `k${each.act}-${each.queue}`;
            const texts = Array.from({ length: each.count }, () => `${lane}-${n++}`);
            expected.set(lane, [...(expected.get(lane) ?? []), ...texts]);
            await rig.act(`k${each.act}`, texts, String(each.queue));
          } else if ('wait' in each) await rig.advance(each.wait);
          else if ('down' in each) downs.add(`http://q/${each.down}`);
          else if ('up' in each) downs.delete(`http://q/${each.up}`);
          else {
            // The old process dies in the middle of its work: none of it may continue.
            rig.breakCommits = true;
            rig.target = () => new Promise(() => {});
            rig = await DeliveryRig.start(limits, { target, image: rig.image, now: rig.clock.now() });
          }
        }
        downs.clear();
        await rig.advance(60_000);
        expect([...rig.dispatcher.runners]).toEqual([]);
        expect(new Set((await rig.statuses()).map(([status]) => status)).has('PENDING')).toBe(false);
        for (const [lane, texts] of expected) {
          const own = arrived.filter((text) => text.startsWith(`${lane}-`));
          // Deliveries may repeat after a restart, but not out of order: the first arrivals are in order and complete.
          expect([...new Set(own)]).toEqual(texts);
        }
      },
    ),
    { numRuns: 60 },
  );
});
