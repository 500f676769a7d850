import { createHandlers } from '../../src/api/handlers/index.ts';
import type { Service } from '../../src/api/handlers/service.ts';
import type { OutgoingEffect } from '../../src/core/engine/turn.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../src/store/memory-store.ts';
import { openPumpHost } from './pump-host.ts';
import { quietLog } from './quiet.ts';
import { SimulatedClock } from './simulated-clock.ts';

/** All operations on an in-memory store and a clock that stands still. */
export async function startService(limits: Partial<Limits> = {}, image: MemoryImage = emptyImage()) {
  const clock = new SimulatedClock(1_600_000_000_000);
  const all = { ...DEFAULT_LIMITS, ...limits };
  const effects: OutgoingEffect['effect'][] = [];
  const { pump, host } = await openPumpHost(openMemoryStore(image), {
    clock,
    limits: all,
    onEffects: (made) => effects.push(...made),
  });
  pump.start();
  const service: Service = { host, limits: all, region: 'us-east-1', accountId: '000000000000' };
  return {
    service,
    pump,
    host,
    clock,
    image,
    /** The effects of all durable evaluations. */
    effects,
    call: createHandlers(service, quietLog),
  };
}

/** A model with one state that counts the messages on an input, with the key `id`. */
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
