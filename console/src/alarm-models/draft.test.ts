import { expect, test } from 'vitest';
import { type AlarmDraft, draftOf, EMPTY_DRAFT, readDraft } from './draft.ts';

const draft: AlarmDraft = {
  ...EMPTY_DRAFT,
  name: 'Hot',
  severity: '3',
  key: 'id',
  inputProperty: '$input.Pump.temperature',
  threshold: '70',
  actions: '[{"sns": {"targetArn": "arn:aws:sns:us-east-1:000000000000:Hot"}}]',
};

test('a draft becomes a request, and the request the same draft', () => {
  const read = readDraft(draft);
  expect(read).toMatchObject({
    ok: true,
    request: {
      alarmModelName: 'Hot',
      severity: 3,
      alarmRule: { simpleRule: { comparisonOperator: 'GREATER', threshold: '70' } },
      alarmCapabilities: { acknowledgeFlow: { enabled: true } },
    },
  });
  if (!read.ok) return;
  const again = draftOf(read.request as Parameters<typeof draftOf>[0]);
  expect({ ...again, actions: JSON.parse(again.actions) }).toEqual({
    ...draft,
    actions: JSON.parse(draft.actions),
  });
});

test.each([
  [{ threshold: 'much' }, /much|threshold/],
  [{ inputProperty: '$input.Pump.a + 1' }, /must refer to one attribute/],
  [{ actions: '{}' }, /are a JSON list of objects/],
  [{ notifications: '[' }, /are no JSON/],
  [{ severity: '1.5' }, /severity is a whole number/],
])('%j is refused with its reason', (change, reason) => {
  const read = readDraft({ ...draft, ...change });
  expect(read.ok ? [] : read.problems).toEqual([expect.stringMatching(reason)]);
});
