import { call } from '../api/call.ts';
import type { Permission } from '../app/session.ts';

export const DEEDS = ['acknowledge', 'snooze', 'disable', 'enable', 'reset'] as const;
export type Deed = (typeof DEEDS)[number];

export interface AlarmName {
  readonly alarmModelName: string;
  readonly keyValue: string | undefined;
}

/** In which states an operator may do it (reference: alarms 2.1). */
export const POSSIBLE: Readonly<Record<Deed, readonly string[]>> = {
  acknowledge: ['ACTIVE', 'LATCHED'],
  snooze: ['NORMAL', 'ACTIVE', 'ACKNOWLEDGED', 'LATCHED'],
  disable: ['NORMAL', 'ACTIVE', 'ACKNOWLEDGED', 'LATCHED', 'SNOOZE_DISABLED'],
  enable: ['DISABLED', 'SNOOZE_DISABLED'],
  reset: ['ACTIVE', 'ACKNOWLEDGED', 'LATCHED'],
};

export const PERMISSION_OF: Readonly<Record<Deed, Permission>> = {
  acknowledge: 'iotevents:BatchAcknowledgeAlarm',
  snooze: 'iotevents:BatchSnoozeAlarm',
  disable: 'iotevents:BatchDisableAlarm',
  enable: 'iotevents:BatchEnableAlarm',
  reset: 'iotevents:BatchResetAlarm',
};

/** Requests that one call takes. */
const BATCH = 10;

export interface Outcome {
  readonly done: number;
  readonly refusals: readonly string[];
}

/** Does the same to many alarms; rejects with ApiError when a whole call is refused. */
export async function doToAlarms(
  deed: Deed,
  alarms: readonly AlarmName[],
  note: string,
  snoozeDuration: number,
): Promise<Outcome> {
  const refusals: string[] = [];
  for (let at = 0; at < alarms.length; at += BATCH) {
    const batch = alarms.slice(at, at + BATCH);
    const requests = batch.map(({ alarmModelName, keyValue }, index) => ({
      requestId: String(index),
      alarmModelName,
      ...(keyValue !== undefined && { keyValue }),
      ...(note !== '' && { note }),
    }));
    for (const { requestId, errorMessage } of await send(deed, requests, snoozeDuration)) {
      const { alarmModelName = '', keyValue = '' } = batch[Number(requestId)] ?? {};
      refusals.push(`${alarmModelName} ${keyValue}: ${errorMessage}`);
    }
  }
  return { done: alarms.length - refusals.length, refusals };
}

interface AlarmRequest {
  readonly requestId: string;
  readonly alarmModelName: string;
  readonly keyValue?: string;
  readonly note?: string;
}

async function send(deed: Deed, requests: readonly AlarmRequest[], snoozeDuration: number) {
  switch (deed) {
    case 'acknowledge':
      return (
        (await call('BatchAcknowledgeAlarm', { acknowledgeActionRequests: requests })).errorEntries ?? []
      );
    case 'disable':
      return (await call('BatchDisableAlarm', { disableActionRequests: requests })).errorEntries ?? [];
    case 'enable':
      return (await call('BatchEnableAlarm', { enableActionRequests: requests })).errorEntries ?? [];
    case 'reset':
      return (await call('BatchResetAlarm', { resetActionRequests: requests })).errorEntries ?? [];
    case 'snooze': {
      const snoozes = requests.map((request) => ({ ...request, snoozeDuration }));
      return (await call('BatchSnoozeAlarm', { snoozeActionRequests: snoozes })).errorEntries ?? [];
    }
  }
}
