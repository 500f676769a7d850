import { createHandlers } from '../../src/api/handlers/index.ts';
import type { Service } from '../../src/api/handlers/service.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { OutgoingEffect } from '../../src/runtime/delivery/outbox.ts';
import { type EffectSink, Host } from '../../src/runtime/embedded/host.ts';
import { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../src/store/memory-store.ts';
import { quietLog } from './quiet.ts';
import { SimulatedClock } from './simulated-clock.ts';

/** Every operation that is built, over a store in memory and a clock that stands still. */
export async function startService(limits: Partial<Limits> = {}, image: MemoryImage = emptyImage()) {
  const clock = new SimulatedClock(1_600_000_000_000);
  const all = { ...DEFAULT_LIMITS, ...limits };
  const effects: OutgoingEffect['effect'][] = [];
  const outbox: EffectSink = {
    isFull: false,
    prepare: (made) => ({ rows: [], committed: () => effects.push(...made.map(({ effect }) => effect)) }),
  };
  const host = await Host.open(openMemoryStore(image), {
    clock,
    limits: all,
    log: quietLog,
    metrics: new RuntimeMetrics(),
    outbox,
  });
  host.start();
  const service: Service = { host, limits: all, region: 'us-east-1', accountId: '000000000000' };
  return {
    service,
    host,
    clock,
    image,
    /** Of all durable evaluations. */
    effects,
    call: createHandlers(service, quietLog),
  };
}

/** A model whose one state counts the messages on an input, by the key `id`. */
export function countingModel(detectorModelName: string, inputName: string) {
  const set = (value: string) => ({ setVariable: { variableName: 'n', value } });
  return {
    detectorModelName,
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/M',
    detectorModelDefinition: {
      initialStateName: 'Counting',
      states: [
        {
          stateName: 'Counting',
          onEnter: { events: [{ eventName: 'begin', actions: [set('0')] }] },
          onInput: {
            events: [
              {
                eventName: 'count',
                condition: `currentInput("${inputName}")`,
                actions: [set('$variable.n + 1')],
              },
            ],
          },
        },
      ],
    },
  };
}
