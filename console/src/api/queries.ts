import { queryOptions } from '@tanstack/react-query';
import { ApiError, allPages, call } from './call.ts';
import type { Output } from './operations.ts';

/** What the screens read, each under one key, so that a change is seen everywhere. */

/** Milliseconds between two looks at what has no events. */
const LOOK_AGAIN = 5000;

export type DetectorModel = NonNullable<Output<'DescribeDetectorModel'>['detectorModel']>;

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) =>
    allPages(async (nextToken) => {
      const answer = await call('ListDetectorModels', { maxResults: 250, ...token(nextToken) }, signal);
      return { items: answer.detectorModelSummaries ?? [], nextToken: answer.nextToken };
    }),
  refetchInterval: LOOK_AGAIN,
});

export const modelQuery = (detectorModelName: string) =>
  queryOptions({
    queryKey: ['model', detectorModelName],
    queryFn: async ({ signal }) => {
      const { detectorModel } = await call('DescribeDetectorModel', { detectorModelName }, signal);
      if (detectorModel === undefined) throw new Error('The server answered without a detector model');
      return detectorModel;
    },
    staleTime: LOOK_AGAIN,
  });

export const versionsQuery = (detectorModelName: string) =>
  queryOptions({
    queryKey: ['model', detectorModelName, 'versions'],
    queryFn: ({ signal }) =>
      allPages(async (nextToken) => {
        const input = { detectorModelName, maxResults: 250, ...token(nextToken) };
        const answer = await call('ListDetectorModelVersions', input, signal);
        return { items: answer.detectorModelVersionSummaries ?? [], nextToken: answer.nextToken };
      }),
  });

export const detectorQuery = (detectorModelName: string, keyValue: string | undefined) =>
  queryOptions({
    queryKey: ['detector', detectorModelName, keyValue ?? null],
    queryFn: async ({ signal }) => {
      const key = keyValue === undefined ? {} : { keyValue };
      const { detector } = await call('DescribeDetector', { detectorModelName, ...key }, signal);
      if (detector === undefined) throw new Error('The server answered without a detector');
      return detector;
    },
    refetchInterval: LOOK_AGAIN,
  });

export const inputsQuery = queryOptions({
  queryKey: ['inputs'],
  queryFn: ({ signal }) =>
    allPages(async (nextToken) => {
      const answer = await call('ListInputs', { maxResults: 250, ...token(nextToken) }, signal);
      return { items: answer.inputSummaries ?? [], nextToken: answer.nextToken };
    }),
  refetchInterval: LOOK_AGAIN,
});

export const inputQuery = (inputName: string) =>
  queryOptions({
    queryKey: ['input', inputName],
    queryFn: async ({ signal }) => {
      const { input } = await call('DescribeInput', { inputName }, signal);
      if (input === undefined) throw new Error('The server answered without an input');
      return input;
    },
    staleTime: LOOK_AGAIN,
  });

function token(nextToken: string | undefined): { readonly nextToken?: string } {
  return nextToken === undefined ? {} : { nextToken };
}

/** The models that an input feeds. */
export const routingsQuery = (inputName: string) =>
  queryOptions({
    queryKey: ['input', inputName, 'routings'],
    queryFn: async ({ signal }) => {
      const inputIdentifier = { iotEventsInputIdentifier: { inputName } };
      return (await call('ListInputRoutings', { inputIdentifier }, signal)).routedResources ?? [];
    },
  });

type AlarmSummary = NonNullable<Output<'ListAlarms'>['alarmSummaries']>[number];

/** An alarm with the severity of its model. */
export interface InboxAlarm extends AlarmSummary {
  readonly severity: number | undefined;
}

export const alarmModelsQuery = queryOptions({
  queryKey: ['alarm-models'],
  queryFn: ({ signal }) =>
    allPages(async (nextToken) => {
      const answer = await call('ListAlarmModels', { maxResults: 250, ...token(nextToken) }, signal);
      return { items: answer.alarmModelSummaries ?? [], nextToken: answer.nextToken };
    }),
  refetchInterval: LOOK_AGAIN,
});

export type AlarmModel = Output<'DescribeAlarmModel'>;

export const alarmModelQuery = (alarmModelName: string) =>
  queryOptions({
    queryKey: ['alarm-model', alarmModelName],
    queryFn: ({ signal }) => call('DescribeAlarmModel', { alarmModelName }, signal),
    staleTime: LOOK_AGAIN,
  });

export const loggingQuery = queryOptions({
  queryKey: ['logging'],
  queryFn: async ({ signal }) => {
    try {
      return (await call('DescribeLoggingOptions', {}, signal)).loggingOptions ?? null;
    } catch (error) {
      // Nobody has set them yet.
      if (error instanceof ApiError && error.code === 'ResourceNotFoundException') return null;
      throw error;
    }
  },
});

/** All alarms of all alarm models. */
export const alarmsQuery = queryOptions({
  queryKey: ['alarms'],
  queryFn: async ({ signal }) => {
    const models = await allPages(async (nextToken) => {
      const answer = await call('ListAlarmModels', { maxResults: 250, ...token(nextToken) }, signal);
      return { items: answer.alarmModelSummaries ?? [], nextToken: answer.nextToken };
    });
    const lists = await Promise.all(
      models.map(async ({ alarmModelName = '' }): Promise<InboxAlarm[]> => {
        const { severity } = await call('DescribeAlarmModel', { alarmModelName }, signal);
        const alarms = await allPages(async (nextToken) => {
          const answer = await call(
            'ListAlarms',
            { alarmModelName, maxResults: 250, ...token(nextToken) },
            signal,
          );
          return { items: answer.alarmSummaries ?? [], nextToken: answer.nextToken };
        });
        return alarms.map((alarm) => ({ ...alarm, severity }));
      }),
    );
    return { models: models.map(({ alarmModelName = '' }) => alarmModelName), alarms: lists.flat() };
  },
  refetchInterval: LOOK_AGAIN,
});

export const alarmQuery = (alarmModelName: string, keyValue: string | undefined) =>
  queryOptions({
    queryKey: ['alarm', alarmModelName, keyValue ?? null],
    queryFn: async ({ signal }) => {
      const key = keyValue === undefined ? {} : { keyValue };
      const { alarm } = await call('DescribeAlarm', { alarmModelName, ...key }, signal);
      if (alarm === undefined) throw new Error('The server answered without an alarm');
      return alarm;
    },
    refetchInterval: LOOK_AGAIN,
  });
