import { expect, test } from 'vitest';
import { InputQueue } from './input-queue.ts';

const message = (messageId: string) => ({
  messageId,
  inputName: 'Pumps',
  payload: { text: '{}', value: {} },
});

test('a callback that throws rejects its own message and leaves the others alone', async () => {
  const queue = new InputQueue({
    put: async (messages) => messages.map(() => undefined),
    batchSize: 10,
    throttled: () => {},
    later: () => () => {},
  });
  const thrown = new Error('told too much');
  const first = queue.put('lane', message('1'), () => {
    throw thrown;
  });
  const second = queue.put('lane', message('2'), () => 'told');
  await expect(first).rejects.toBe(thrown);
  expect(await second).toBe('told');
  expect(await queue.put('lane', message('3'), () => 'told later')).toBe('told later');
});
