import type { KindName } from '../../core/engine/kind.ts';
import type { Outcome, RefusalCode } from '../../core/engine/refusal.ts';
import type { InstanceSummary, InstanceView } from '../../core/engine/views.ts';
import { Fault } from '../../runtime/fault.ts';
import { decodeToken, encodeToken, type PageRequest } from './page.ts';
import type { Service } from './service.ts';

/** Shared by the operations on detectors and alarms. */

/** The instance of that kind and name. Rejects with Fault when there is none. */
export async function describeInstance<K extends KindName>(
  { host }: Service,
  kind: K,
  modelName: string,
  keyValue: string | undefined,
): Promise<InstanceView & { readonly kind: K }> {
  const view = await host.describe({ kind, modelName, ...(keyValue !== undefined && { keyValue }) });
  return only(view, kind);
}

/** One page of a model's instances. */
export async function listInstances(
  { host, limits }: Service,
  kind: KindName,
  modelName: string,
  { maxResults = limits.pageSize, nextToken }: PageRequest,
  stateName?: string,
): Promise<{ readonly items: readonly InstanceSummary[]; readonly nextToken?: string }> {
  const list = `${kind}s/${modelName}`;
  const { items, next } = await host.list({
    kind,
    modelName,
    maxResults,
    ...(stateName !== undefined && { stateName }),
    ...(nextToken && { after: decodeToken(list, nextToken) }),
  });
  return {
    items,
    ...(next !== undefined && { nextToken: encodeToken(list, next) }),
  };
}

/** The refused commands with their reasons. */
export function refusedOf<T>(
  entries: readonly T[],
  outcomes: readonly Outcome[],
): { readonly entry: T; readonly errorCode: RefusalCode; readonly errorMessage: string }[] {
  return entries.flatMap((entry, index) => {
    const refusal = outcomes[index];
    return refusal === undefined ? [] : [{ entry, errorCode: refusal.code, errorMessage: refusal.message }];
  });
}

function only<K extends KindName>(view: InstanceView, kind: K): InstanceView & { readonly kind: K } {
  if (isOf(view, kind)) return view;
  throw new Fault('InternalFailureException', `The host answered with a ${view.kind} for a ${kind}`);
}

function isOf<K extends KindName>(view: InstanceView, kind: K): view is InstanceView & { readonly kind: K } {
  return view.kind === kind;
}
