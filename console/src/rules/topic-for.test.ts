import { expect, test } from 'vitest';
import { topicFor } from './topic-for.ts';

test.each([
  ["SELECT * FROM 'motors/+/status'", 'motors/x/status'],
  ["select temp from 'update/#' where temp > 3", 'update/x'],
  ['SELECT 1', 'topic'],
])('%s takes %s', (sql, topic) => expect(topicFor(sql)).toBe(topic));
