import { expect, test } from 'vitest';
import type { Republication, Republisher } from './publication.ts';
import { RuleEngine } from './rule-engine.ts';

test('an engine without rules needs no message', async () => {
  const engine = new RuleEngine();
  expect(engine.needs('a/b')).toBe(false);
  expect(engine.filters()).toEqual([]);
  await engine.deliver({ topic: 'a/b', payload: Buffer.from('{}'), via: 'mqtt' });
});

test('a republisher may be told apart by where its messages go', async () => {
  const published: Republication[] = [];
  const republisher: Republisher = {
    comesBack: false,
    publish: async (message) => void published.push(message),
  };
  await republisher.publish({ topic: 'a/b', payload: Buffer.from('{}'), qos: 1, hops: 1 });
  expect(published).toHaveLength(1);
});
