import { queryOptions } from '@tanstack/react-query';
import { allPages, call } from '../api/call.ts';
import type { KnownInputs } from './check.ts';

/** All inputs with their attributes: what expressions may refer to. */
export const attributesQuery = queryOptions({
  queryKey: ['attributes'],
  queryFn: async ({ signal }): Promise<KnownInputs> => {
    const inputs = await allPages(async (nextToken) => {
      const answer = await call(
        'ListInputs',
        { maxResults: 250, ...(nextToken !== undefined && { nextToken }) },
        signal,
      );
      return { items: answer.inputSummaries ?? [], nextToken: answer.nextToken };
    });
    const known = await Promise.all(
      inputs.map(async ({ inputName = '' }) => {
        const { input } = await call('DescribeInput', { inputName }, signal);
        const attributes = input?.inputDefinition?.attributes ?? [];
        return [inputName, attributes.map(({ jsonPath }) => jsonPath)] as const;
      }),
    );
    return new Map(known);
  },
  staleTime: 10_000,
});
