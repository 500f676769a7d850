import { expect, test } from 'vitest';
import { quietLog } from '../../../test/support/quiet.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { emptyImage, openMemoryStore } from '../../store/memory-store.ts';
import { Sessions } from './sessions.ts';

async function open() {
  const image = emptyImage();
  let now = 0;
  const sessions = await Sessions.open(openMemoryStore(image), {
    limits: { ...DEFAULT_LIMITS, mqttSessionExpiry: 1000, mqttKnownClients: 2 },
    log: quietLog,
    now: () => now,
    onDrop: () => {},
  });
  const at = (time: number) => {
    now = time;
  };
  return { sessions, image, at };
}

test('a session without subscriptions ends when its client has been away too long, and writes nothing', async () => {
  const { sessions, image, at } = await open();
  sessions.begin('here');
  sessions.begin('away');
  await sessions.note('away', 'left');
  at(1001);
  await sessions.expire();
  expect(['here', 'away'].map((clientId) => sessions.isPresent(clientId))).toEqual([true, false]);
  expect(image.rows.size).toBe(0);
});

test('sessions without subscriptions are bounded; a subscription makes one durable', async () => {
  const { sessions } = await open();
  sessions.begin('a');
  await sessions.subscribe('a', [['t', 1]]);
  for (const clientId of ['a', 'b', 'c', 'd']) sessions.begin(clientId);
  const present = ['a', 'b', 'c', 'd'].filter((clientId) => sessions.isPresent(clientId));
  expect(present).toEqual(['a', 'c', 'd']);
  expect(sessions.count).toBe(1);
});
