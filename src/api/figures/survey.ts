import type { KindName } from '../../core/engine/kind.ts';
import type { InstanceSummary } from '../../core/engine/views.ts';
import type { Host } from '../../runtime/host.ts';

/** Instances read at once; evaluations continue in between. */
const PAGE = 1000;

/**
 * All detectors or alarms of a model, or those in one state. Concurrent changes may or may not be seen. Rejects with
 * Fault when there is no such model.
 */
export async function* survey(
  host: Host,
  kind: KindName,
  modelName: string,
  stateName?: string,
): AsyncGenerator<InstanceSummary> {
  const query = { kind, modelName, maxResults: PAGE, ...(stateName !== undefined && { stateName }) };
  let page = await host.list(query);
  for (;;) {
    yield* page.items;
    if (page.next === undefined) return;
    page = await host.list({ ...query, after: page.next });
  }
}
