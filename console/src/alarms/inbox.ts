import type { InboxAlarm } from '../api/queries.ts';

/** What needs somebody comes first. */
export const URGENCY = ['ACTIVE', 'LATCHED', 'ACKNOWLEDGED', 'SNOOZE_DISABLED', 'NORMAL', 'DISABLED'];

export function idOf({ alarmModelName, keyValue }: InboxAlarm): string {
  return `${alarmModelName} ${keyValue ?? ''}`;
}

export interface Filter {
  readonly model: string | undefined;
  readonly state: string | undefined;
  readonly q: string;
}

/** Those that fit, most urgent first: by state, by severity, the latest change, then by name. */
export function inboxOf(alarms: readonly InboxAlarm[], { model, state, q }: Filter): InboxAlarm[] {
  const text = q.toLowerCase();
  return alarms
    .filter(
      (alarm) =>
        (model === undefined || alarm.alarmModelName === model) &&
        (state === undefined || alarm.stateName === state) &&
        idOf(alarm).toLowerCase().includes(text),
    )
    .sort(
      (a, b) =>
        URGENCY.indexOf(a.stateName ?? '') - URGENCY.indexOf(b.stateName ?? '') ||
        (b.severity ?? 0) - (a.severity ?? 0) ||
        (b.lastUpdateTime ?? 0) - (a.lastUpdateTime ?? 0) ||
        idOf(a).localeCompare(idOf(b)),
    );
}
