import type { OperationName } from '../../../src/wire/service/table.ts';
import type { InputOf, OutputOf } from '../../../src/wire/service/types.ts';

/** On the wire times are seconds since the epoch, and bytes are base64. */
interface WireLeaves {
  readonly timestamp: number;
  readonly blob: string;
}

export type Input<O extends OperationName> = InputOf<O, WireLeaves>;
export type Output<O extends OperationName> = OutputOf<O, WireLeaves>;

interface Place {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `{member}` where a member of the input stands. */
  readonly path: string;
  readonly plane: 'iotevents' | 'iotevents-data';
}

const control = (method: Place['method'], path: string): Place => ({ method, path, plane: 'iotevents' });
const data = (method: Place['method'], path: string): Place => ({ method, path, plane: 'iotevents-data' });

/** The operations that the console calls; a test compares them with the service's table. */
export const CALLED = {
  CreateInput: control('POST', '/inputs'),
  UpdateInput: control('PUT', '/inputs/{inputName}'),
  DescribeInput: control('GET', '/inputs/{inputName}'),
  DeleteInput: control('DELETE', '/inputs/{inputName}'),
  ListInputs: control('GET', '/inputs'),
  ListInputRoutings: control('POST', '/input-routings'),
  CreateDetectorModel: control('POST', '/detector-models'),
  UpdateDetectorModel: control('POST', '/detector-models/{detectorModelName}'),
  DescribeDetectorModel: control('GET', '/detector-models/{detectorModelName}'),
  DeleteDetectorModel: control('DELETE', '/detector-models/{detectorModelName}'),
  ListDetectorModels: control('GET', '/detector-models'),
  ListDetectorModelVersions: control('GET', '/detector-models/{detectorModelName}/versions'),
  CreateAlarmModel: control('POST', '/alarm-models'),
  UpdateAlarmModel: control('POST', '/alarm-models/{alarmModelName}'),
  DeleteAlarmModel: control('DELETE', '/alarm-models/{alarmModelName}'),
  ListAlarmModels: control('GET', '/alarm-models'),
  DescribeAlarmModel: control('GET', '/alarm-models/{alarmModelName}'),
  DescribeLoggingOptions: control('GET', '/logging'),
  PutLoggingOptions: control('PUT', '/logging'),
  BatchPutMessage: data('POST', '/inputs/messages'),
  DescribeDetector: data('GET', '/detectors/{detectorModelName}/keyValues/'),
  ListDetectors: data('GET', '/detectors/{detectorModelName}'),
  BatchUpdateDetector: data('POST', '/detectors'),
  BatchDeleteDetector: data('POST', '/detectors/delete'),
  DescribeAlarm: data('GET', '/alarms/{alarmModelName}/keyValues/'),
  ListAlarms: data('GET', '/alarms/{alarmModelName}'),
  BatchAcknowledgeAlarm: data('POST', '/alarms/acknowledge'),
  BatchDisableAlarm: data('POST', '/alarms/disable'),
  BatchEnableAlarm: data('POST', '/alarms/enable'),
  BatchResetAlarm: data('POST', '/alarms/reset'),
  BatchSnoozeAlarm: data('POST', '/alarms/snooze'),
} as const satisfies Partial<Record<OperationName, Place>>;

export type Called = keyof typeof CALLED;

/** Members of a GET's input whose name in the query is another. */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  detectorModelVersion: 'version',
  alarmModelVersion: 'version',
};

export interface WireRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

/** The request of a call, as it goes over the wire. */
export function requestOf<O extends Called>(operation: O, input: Input<O>): WireRequest {
  const { method, path }: Place = CALLED[operation];
  const members = new Map(Object.entries(input as Readonly<Record<string, unknown>>));
  const filled = path.replace(/\{(\w+)\}/g, (_, member: string) => {
    const value = members.get(member);
    members.delete(member);
    return encode(String(value));
  });
  const given = [...members].filter(([, value]) => value !== undefined);
  if (method === 'POST' || method === 'PUT')
    return { method, path: filled, query: [], body: JSON.stringify(Object.fromEntries(given)) };
  const query = given.map(([name, value]) => [QUERY_NAMES[name] ?? name, String(value)] as const);
  return { method, path: filled, query, body: undefined };
}

/** RFC 3986, as signatures need it: `encodeURIComponent` leaves five characters more as they are. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
