import { expect, test } from 'vitest';
import { openPumpHost } from '../../test/support/pump-host.ts';
import { countingModel } from '../../test/support/service.ts';
import { SimulatedClock } from '../../test/support/simulated-clock.ts';
import type { Detector } from '../core/detector/types.ts';
import type { Evaluated } from '../core/engine/running.ts';
import { WholeDecimal } from '../core/expression/value.ts';
import { readPayload } from '../runtime/messages.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { fromWire, parseExact, renderExact, toWire } from './evaluated-wire.ts';

test('an evaluation survives the transfer unchanged: instances, message, trace, and kinds of numbers', async () => {
  const { pump, host } = await openPumpHost(openMemoryStore(), {
    clock: new SimulatedClock(1_600_000_000_000),
  });
  pump.start();
  const tags = { tags: [] };
  await host.define('createInput', { inputName: 'I', inputDefinition: { attributes: [] }, ...tags });
  await host.define('createDetectorModel', { ...countingModel('M', 'I'), ...tags });
  const seen: Evaluated[] = [];
  host.observe({ observe: (evaluated) => seen.push(evaluated) });
  for (const text of ['{"id":"a","v":30.0}', '{"id":"a","v":9007199254740993}']) {
    const payload = readPayload(Buffer.from(text));
    if (typeof payload === 'string') throw new Error(payload);
    await host.put([{ messageId: text, inputName: 'I', payload }]);
  }
  expect(seen).toHaveLength(2);
  for (const evaluated of seen) {
    if (evaluated.kind !== 'detector') throw new Error('Only the detector model takes the input');
    const { model, keyValue, trigger, isNew, changedState, states, result } = evaluated;
    const back = fromWire(parseExact(renderExact(toWire(evaluated))), model);
    if (back === undefined || back.kind !== 'detector') throw new Error('It comes back as what it was');
    expect(back).toMatchObject({ keyValue: 'a', trigger, isNew, changedState });
    const view = (detector: Detector | undefined) =>
      detector && model.behaviour.view(model, keyValue, detector as typeof evaluated.instance);
    expect(view(back.states?.after)).toEqual(view(states?.after));
    expect(view(back.states?.before)).toEqual(view(states?.before));
    expect(view(back.instance)).toEqual(view(states?.after));
    // Undefined members are absent after the transfer.
    expect({ ...back.result.trace }).toEqual({ ...result.trace });
    expect(back.result.trace?.conditions.length).toBeGreaterThan(0);
  }
});

test('values keep their kind', () => {
  const data = {
    whole: new WholeDecimal(-0),
    large: 2n ** 60n,
    plain: 10,
    text: '30.0',
    list: [new WholeDecimal(1)],
  };
  expect(parseExact(renderExact(data))).toEqual(data);
});
