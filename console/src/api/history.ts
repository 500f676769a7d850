import { queryOptions } from '@tanstack/react-query';
import { own } from './call.ts';
import type { EvaluationEvent } from './events.ts';

/** The evaluations of a detector that the server remembers, newest first. */
export const evaluationsQuery = (detectorModelName: string, keyValue: string | undefined) =>
  queryOptions({
    queryKey: ['evaluations', detectorModelName, keyValue ?? null],
    queryFn: async ({ signal }) => {
      const query = { detectorModelName, keyValue, maxResults: '200' };
      const path = 'evaluations';
      return (await own<{ evaluations: EvaluationEvent[] }>('GET', path, query, undefined, signal))
        .evaluations;
    },
  });

/** The latest evaluations of all detectors of a model. */
export const recentQuery = (detectorModelName: string) =>
  queryOptions({
    queryKey: ['evaluations', detectorModelName],
    queryFn: async ({ signal }) => {
      const query = { detectorModelName, maxResults: '200' };
      return (await own<{ evaluations: EvaluationEvent[] }>('GET', 'evaluations', query, undefined, signal))
        .evaluations;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
