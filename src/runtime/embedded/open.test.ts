import { expect, test } from 'vitest';
import { quietLog } from '../../../test/support/quiet.ts';
import { SimulatedClock } from '../../../test/support/simulated-clock.ts';
import { createDetectorModel } from '../../api/handlers/detector-models.ts';
import { createInput } from '../../api/handlers/inputs.ts';
import { batchPutMessage } from '../../api/handlers/messages.ts';
import { NO_RECIPIENTS } from '../../core/action/index.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { SendError } from '../../send/index.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../store/memory-store.ts';
import { HostClock } from '../host-clock.ts';
import { RuntimeMetrics } from '../metrics.ts';
import { openEmbedded } from './open.ts';

const START = 1_600_000_000_000;

/** Everything on the image, open but not started; targets fail while `refuse` is true. */
async function open(image: MemoryImage, now: number, refuse: boolean) {
  const clock = new SimulatedClock(now);
  const sent: string[] = [];
  const embedded = await openEmbedded(openMemoryStore(image), {
    clock: new HostClock({ machine: clock, log: quietLog }),
    limits: DEFAULT_LIMITS,
    log: quietLog,
    metrics: new RuntimeMetrics(),
    notifications: NO_RECIPIENTS,
    senders: {
      send: async ({ input }) => {
        if (refuse) throw new SendError('RETRYABLE', 'down');
        sent.push(String(input.Message));
      },
      load: async () => {},
      close: async () => {},
    },
    random: () => 0.5,
  });
  const service = { host: embedded.host, limits: DEFAULT_LIMITS, region: 'us-east-1', accountId: '0' };
  return { embedded, service, sent, clock };
}

const settle = async () => {
  for (let n = 0; n < 60; n++) await new Promise((resolve) => setImmediate(resolve));
};

test('an overdue timer finds its observers and older pending actions in place', async () => {
  const image = emptyImage();
  const first = await open(image, START, true);
  first.embedded.start();
  await createInput(first.service, { inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  const say = (text: string) => ({
    sns: {
      targetArn: 'arn:aws:sns:us-east-1:0:t',
      payload: { contentExpression: `'${text}'`, type: 'STRING' },
    },
  });
  await createDetectorModel(first.service, {
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
              {
                eventName: 'begin',
                condition: '$input.I.id == "a"',
                actions: [say('older'), { setTimer: { timerName: 't', durationExpression: '60' } }] as never,
              },
            ],
          },
          onInput: {
            events: [{ eventName: 'late', condition: 'timeout("t")', actions: [say('newer')] as never }],
          },
        },
      ],
    },
  });
  await batchPutMessage(first.service, {
    messages: [{ messageId: 'm', inputName: 'I', payload: Buffer.from('{"id":"a"}') }],
  });
  await settle();
  await first.embedded.close();

  const again = await open(image, START + 3_600_000, false);
  await again.clock.advance(START + 3_600_000, settle);
  await settle();
  expect(again.sent).toEqual([]);
  const observed: string[] = [];
  again.embedded.host.observe({ observe: ({ trigger }) => observed.push(trigger.type) });
  again.embedded.start();
  await settle();
  expect(observed).toEqual(['Timer']);
  expect(again.sent).toEqual(['older', 'newer']);
  await again.embedded.close();
});
