import type { DetectorModel } from '../api/queries.ts';
import type { Json } from '../document/json.ts';
import { type Draft, loadDraft } from './draft.ts';

/** The draft of a model in this browser; null when there is none. */
export const draftQuery = (name: string) => ({
  queryKey: ['draft', name],
  queryFn: async () => (await loadDraft(name)) ?? null,
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 0,
});

/** A model as it is published, to begin a draft with. */
export function draftOf(
  name: string,
  { detectorModelDefinition, detectorModelConfiguration: configuration }: DetectorModel,
): Draft {
  return {
    name,
    definition: (detectorModelDefinition ?? null) as Json,
    settings: {
      description: configuration?.detectorModelDescription ?? '',
      key: configuration?.key ?? '',
      roleArn: configuration?.roleArn ?? '',
      evaluationMethod: configuration?.evaluationMethod ?? 'BATCH',
    },
    basedOn: configuration?.detectorModelVersion ?? '',
    placed: {},
    savedAt: 0,
  };
}
