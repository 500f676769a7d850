import { queryOptions, useQuery } from '@tanstack/react-query';
import { own } from '../api/call.ts';

/** Who looks at the console, and at what. */
export interface Session {
  /** Absent where everybody may call. */
  readonly user?: string;
  readonly region: string;
  readonly accountId: string;
  readonly version: string;
  /** Of the permissions asked for, those that are granted for some resource at least. */
  readonly allowed: readonly string[];
}

/** All permissions that decide what the console shows. */
const PERMISSIONS = [
  'iotevents:CreateInput',
  'iotevents:UpdateInput',
  'iotevents:DeleteInput',
  'iotevents:CreateDetectorModel',
  'iotevents:UpdateDetectorModel',
  'iotevents:DeleteDetectorModel',
  'iotevents:CreateAlarmModel',
  'iotevents:UpdateAlarmModel',
  'iotevents:DeleteAlarmModel',
  'iotevents:PutLoggingOptions',
  'iotevents:BatchPutMessage',
  'iotevents:BatchUpdateDetector',
  'iotevents:BatchDeleteDetector',
  'iotevents:BatchAcknowledgeAlarm',
  'iotevents:BatchDisableAlarm',
  'iotevents:BatchEnableAlarm',
  'iotevents:BatchResetAlarm',
  'iotevents:BatchSnoozeAlarm',
  'iot:CreateTopicRule',
  'iot:ReplaceTopicRule',
  'iot:EnableTopicRule',
  'iot:DisableTopicRule',
  'iot:DeleteTopicRule',
  'tripline:ListActions',
  'tripline:RedriveActions',
  'tripline:DiscardActions',
  'tripline:ListDevices',
  'tripline:WatchEvents',
  'tripline:WatchTopics',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ASKED = PERMISSIONS.join(',');

export const SESSION_QUERY = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => own<Session>('GET', 'session', { actions: ASKED }, undefined, signal),
  staleTime: 60_000,
});

export function useSession(): Session | undefined {
  return useQuery(SESSION_QUERY).data;
}

/** Whether to show what needs a permission. The server decides again when it is used. */
export function useMay(action: Permission): boolean {
  return useSession()?.allowed.includes(action) ?? false;
}
