import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageOf, typedOf } from './compose.ts';

const PATHS = ['id', 'sensor.pressure', 'sensor.`unit name`', 'ok'];

test('what is typed becomes a message', () => {
  const typed = { id: 'P-1', 'sensor.pressure': '10.0', 'sensor.`unit name`': '"5"', ok: 'true' };
  expect(messageOf(PATHS, typed)).toBe('{"id":"P-1","sensor":{"pressure":10.0,"unit name":"5"},"ok":true}');
});

test('what is left empty is absent', () => {
  expect(messageOf(PATHS, { id: '7' })).toBe('{"id":7}');
  expect(messageOf(PATHS, {})).toBe('{}');
});

test('any message is typed again as it was', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant('"quoted'));
  fc.assert(
    fc.property(value, value, (id, pressure) => {
      const message = JSON.stringify({ id, sensor: { pressure } });
      expect(messageOf(PATHS, typedOf(PATHS, message))).toBe(message);
    }),
  );
});
