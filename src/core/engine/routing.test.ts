import { expect, test } from 'vitest';
import { isKeyProblem, keyOf } from './routing.ts';

test.each([{}, { key: [1] }, { key: 'a.b' }, { key: null }])(
  'what is wrong with the key of %j is known for that',
  (value) => {
    const model = { kind: 'detector', compiled: { key: ['key'], name: 'M' } } as unknown;
    const result = keyOf(model as Parameters<typeof keyOf>[0], { text: '', value } as never);
    expect(result.ok).toBe(false);
    expect(isKeyProblem(result.ok ? '' : result.message)).toBe(true);
  },
);

test('a key may contain a space', () => {
  const model = { kind: 'detector', compiled: { key: ['motor id'], name: 'M' } } as unknown;
  const result = keyOf(model as Parameters<typeof keyOf>[0], { text: '', value: {} } as never);
  expect(isKeyProblem(result.ok ? '' : result.message)).toBe(true);
});

test('other refusals are not key problems', () => {
  expect(isKeyProblem('Input of name: key not found')).toBe(false);
});
