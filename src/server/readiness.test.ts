import { expect, test } from 'vitest';
import type { Host } from '../runtime/host.ts';
import { latenessOf, whyNotAnswering } from './readiness.ts';

const host = { figures: () => ({ queued: 7, lateness: 15_200 }) } as unknown as Host;

test('a server is ready when a call is answered, and reports its lateness', async () => {
  expect(await whyNotAnswering({ host, answers: async () => {} })).toBeUndefined();
  expect(latenessOf({ host })).toBe('timers are 15.2 s late\n');
  const punctual = { figures: () => ({ queued: 0, lateness: 0 }) } as unknown as Host;
  expect(latenessOf({ host: punctual })).toBe('');
});

test('a server that does not answer a call in time is not ready, and reports why', async () => {
  expect(await whyNotAnswering({ host, answers: () => new Promise(() => {}) }, 10)).toBe(
    'Calls are not answered within 0.01 s: 7 wait, timers are 15.2 s late',
  );
  const refuses = { host, answers: () => Promise.reject(new Error('The message store failed: no space')) };
  expect(await whyNotAnswering(refuses)).toBe('The message store failed: no space');
});
