import { queryOptions } from '@tanstack/react-query';
import { own } from './call.ts';

/** Times are milliseconds since the epoch. */
export interface Overview {
  readonly version: string;
  readonly startedAt: number;
  readonly now: number;
  readonly queued: number;
  /** Bytes. */
  readonly storage: number;
  readonly failedActions: number;
  readonly targets: readonly Target[];
  readonly samples: readonly Sample[];
  readonly models: readonly ModelFigures[];
}

export interface Target {
  readonly target: string;
  readonly pending: number;
  readonly inFlight: number;
  readonly isDown: boolean;
  readonly oldestSince?: number;
}

/** Numbers a second; `commit` in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly messages: number;
  readonly evaluations: number;
  readonly transitions: number;
  readonly commit: number | null;
  readonly queued: number;
  readonly pending: number;
  /** Bytes. */
  readonly storage: number | null;
}

export interface ModelFigures {
  readonly kind: 'detector' | 'alarm';
  readonly name: string;
  readonly version: string;
  readonly count: number;
  readonly states: Readonly<Record<string, number>>;
  readonly evaluations: number;
  /** Evaluations. */
  readonly lastMinute: number;
  readonly transitions: number;
  readonly errors: number;
  readonly lastEvaluation: number;
}

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => own<Overview>('GET', 'overview', {}, undefined, signal),
  refetchInterval: 2000,
});

/** A row of the table of detectors. */
export interface DetectorRow {
  readonly keyValue: string | null;
  readonly state: number;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly nextTimer: number | null;
}

interface WireRows {
  readonly states: readonly string[];
  readonly total: number;
  readonly rows: readonly (readonly [string | null, number, number, number, number | null])[];
}

export const detectorsQuery = (detectorModelName: string, stateName?: string, key?: string) =>
  queryOptions({
    queryKey: ['detectors', detectorModelName, stateName ?? '', key ?? ''],
    queryFn: async ({ signal }) => {
      const query = { detectorModelName, stateName, key };
      const { states, total, rows } = await own<WireRows>('GET', 'detectors', query, undefined, signal);
      return {
        states,
        total,
        rows: rows.map(
          ([keyValue, state, creationTime, lastUpdateTime, nextTimer]): DetectorRow => ({
            keyValue,
            state,
            creationTime,
            lastUpdateTime,
            nextTimer,
          }),
        ),
      };
    },
    refetchInterval: ({ state }) => ((state.data?.total ?? 0) > 10_000 ? 10_000 : 3000),
    placeholderData: (previous) => previous,
  });
