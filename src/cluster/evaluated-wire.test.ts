import { expect, test } from 'vitest';
import { openPumpHost } from '../../test/support/pump-host.ts';
import { countingModel } from '../../test/support/service.ts';
import { SimulatedClock } from '../../test/support/simulated-clock.ts';
import type { Evaluated } from '../core/engine/running.ts';
import { WholeDecimal } from '../core/expression/value.ts';
import { readPayload } from '../runtime/messages.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { fromWire, parseExact, renderExact, toWire } from './evaluated-wire.ts';

test('an evaluation comes out as it went in: instances, message, trace, and numbers of their kind', async () => {
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
    const { model, keyValue, after, trigger, result } = evaluated;
    const back = fromWire(parseExact(renderExact(toWire(evaluated))), model);
    expect(back).toMatchObject({
      kind: 'detector',
      keyValue: 'a',
      trigger,
      changedState: evaluated.changedState,
    });
    const view = (instance: typeof after) => model.behaviour.view(model, keyValue, instance);
    expect(back && view(back.after)).toEqual(view(after));
    expect(back?.before && view(back.before)).toEqual(evaluated.before && view(evaluated.before));
    // What is undefined there is absent here.
    expect({ ...back?.result.trace }).toEqual({ ...result.trace });
    expect(back?.result.trace?.conditions.length).toBeGreaterThan(0);
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
