import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { normaliseDefinition } from '../../core/model/normalise.ts';
import { KINDS } from '../../migrate/fit/kinds.ts';
import type { Kind } from '../../migrate/report.ts';
import { isSame } from '../../migrate/same.ts';
import type { Request } from '../../migrate/write/requests.ts';
import { ruleTags } from '../../migrate/write/requests.ts';
import type { ApiClient } from '../client.ts';
import { PATHS, type Tag } from '../server-resources.ts';

/** Operations on a resource of a server, given its create request. Each rejects with CommandError. */

export async function create(client: ApiClient, kind: Kind, request: Request): Promise<void> {
  if (kind !== 'topicRule') {
    await client.call('POST', PATHS[kind], request);
    return;
  }
  const { topicRulePayload, tags } = request;
  const headers = typeof tags === 'string' && tags !== '' ? { 'x-amz-tagging': tags } : undefined;
  await client.call('POST', pathOf(kind, request), topicRulePayload as object, headers);
}

export async function update(
  client: ApiClient,
  kind: Kind,
  request: Request,
  keepDetectors: boolean,
): Promise<void> {
  const { key: _, tags: __, topicRulePayload, ...changed } = request;
  const query = kind === 'detectorModel' && keepDetectors ? '?keepDetectors=true' : '';
  await client.call(
    UPDATE_METHODS[kind],
    `${pathOf(kind, request)}${query}`,
    (topicRulePayload ?? changed) as object,
  );
}

const UPDATE_METHODS: Readonly<Record<Kind, string>> = {
  input: 'PUT',
  detectorModel: 'POST',
  alarmModel: 'POST',
  topicRule: 'PATCH',
};

export async function remove(client: ApiClient, kind: Kind, request: Request): Promise<void> {
  await client.call('DELETE', pathOf(kind, request));
}

export async function setTags(
  client: ApiClient,
  kind: Kind,
  arn: string,
  tags: readonly Tag[],
): Promise<void> {
  if (tags.length === 0) return;
  if (kind === 'topicRule') {
    const rule = { resourceArn: arn, tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
    await client.call('POST', '/tags', rule);
    return;
  }
  await client.call('POST', `/tags?resourceArn=${encodeURIComponent(arn)}`, { tags });
}

export async function removeTags(
  client: ApiClient,
  kind: Kind,
  arn: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  if (kind === 'topicRule') {
    await client.call('POST', '/untag', { resourceArn: arn, tagKeys: keys });
    return;
  }
  const query = keys.map((key) => `&tagKeys=${encodeURIComponent(key)}`).join('');
  await client.call('DELETE', `/tags?resourceArn=${encodeURIComponent(arn)}${query}`);
}

/** The tags that a request sets. */
export function tagsIn(kind: Kind, { tags }: Request): readonly Tag[] {
  if (kind === 'topicRule') return ruleTags(tags).map(([key, value]) => ({ key, value }));
  return (tags ?? []) as readonly Tag[];
}

/** Whether the server's resource equals the request, apart from tags (reference: models 3.2). */
export function isHeld(kind: Kind, request: Request, held: Request): boolean {
  return isSame(normalised(kind, request), normalised(kind, held));
}

/** With the members that the service fills in. */
function normalised(kind: Kind, { tags: _, ...request }: Request): Request {
  if (kind === 'detectorModel') {
    const { detectorModelDefinition, evaluationMethod = 'BATCH' } = request;
    const definition = normaliseDefinition(detectorModelDefinition as DetectorModelDefinition);
    return { ...request, evaluationMethod, detectorModelDefinition: definition };
  }
  if (kind !== 'topicRule') return request;
  const defaults = { ruleDisabled: false, awsIotSqlVersion: '2015-10-08' };
  return { ...request, topicRulePayload: { ...defaults, ...(request.topicRulePayload as object) } };
}

function pathOf(kind: Kind, request: Request): string {
  return `${PATHS[kind]}/${encodeURIComponent(String(request[KINDS[kind].nameMember]))}`;
}
