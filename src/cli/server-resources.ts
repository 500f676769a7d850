import { KINDS } from '../migrate/fit/kinds.ts';
import type { Kind } from '../migrate/report.ts';
import type { Request, Requests } from '../migrate/write/requests.ts';
import { CommandError } from '../server/usage-error.ts';
import type { Answer, ApiClient } from './client.ts';
import { all, eachOf } from './look/view.ts';

/** A resource of a server: the request that would create it, without tags, and its ARN. */
export interface Held {
  readonly request: Request;
  readonly arn: string;
}

/** The server's resource of that name; undefined when there is none. Rejects with CommandError. */
export async function describe(client: ApiClient, kind: Kind, name: string): Promise<Held | undefined> {
  const path = `${PATHS[kind]}/${encodeURIComponent(name)}`;
  const answer = await client.send('GET', path);
  if (answer.ok) return READ[kind](answer.body);
  if (isAbsent(kind, answer)) return undefined;
  throw new CommandError(`GET ${path} failed with ${answer.error}: ${String(answer.body.message)}`);
}

/**
 * AWS IoT does not distinguish a missing rule from one that the caller may not see (docs/topic-rules.md: The
 * operations).
 */
function isAbsent(kind: Kind, { error, body }: Answer): boolean {
  if (error.startsWith('ResourceNotFoundException')) return true;
  return kind === 'topicRule' && /Access to topic rule .* was denied/.test(String(body.message));
}

/** False for a server that has no topic rules. */
export async function knowsTopicRules(client: ApiClient): Promise<boolean> {
  const { ok, error } = await client.send('GET', '/rules?maxResults=1');
  return ok || !/UnknownOperation|NotFound|404/.test(error);
}

/** The tags of a resource. */
export async function tagsOf(client: ApiClient, arn: string): Promise<readonly Tag[]> {
  const path = `/tags?resourceArn=${encodeURIComponent(arn)}`;
  const { tags = [] } = (await client.call('GET', path)) as {
    readonly tags?: readonly Record<string, string>[];
  };
  return tags.map((tag) => ({ key: tag.key ?? tag.Key ?? '', value: tag.value ?? tag.Value ?? '' }));
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The create requests of all resources of a server, in their newest versions, each list sorted by name. */
export async function readRequests(client: ApiClient): Promise<Requests> {
  return {
    inputs: await readKind(client, 'input', 'inputSummaries', 'inputName'),
    detectorModels: await readKind(client, 'detectorModel', 'detectorModelSummaries', 'detectorModelName'),
    alarmModels: await readKind(client, 'alarmModel', 'alarmModelSummaries', 'alarmModelName'),
    topicRules: (await knowsTopicRules(client))
      ? await readKind(client, 'topicRule', 'rules', 'ruleName')
      : [],
  };
}

async function readKind(
  client: ApiClient,
  kind: Kind,
  member: string,
  nameMember: string,
): Promise<Request[]> {
  const summaries = await all<Record<string, string>>(client, PATHS[kind], member);
  const requests = await eachOf(summaries, async (summary) => {
    const held = await describe(client, kind, summary[nameMember] ?? '');
    return held && withTags(kind, held.request, await tagsOf(client, held.arn));
  });
  // It may have been deleted meanwhile.
  return requests.filter((request) => request !== undefined);
}

/** A request with the tags of the resource. */
export function withTags(kind: Kind, request: Request, tags: readonly Tag[]): Request {
  if (tags.length === 0) return request;
  return { ...request, tags: kind === 'topicRule' ? tagText(tags) : tags };
}

/** The tags of a rule in the form of AWS IoT. */
function tagText(tags: readonly Tag[]): string {
  return tags.map(({ key, value }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}

export const PATHS: Readonly<Record<Kind, string>> = {
  input: '/inputs',
  detectorModel: '/detector-models',
  alarmModel: '/alarm-models',
  topicRule: '/rules',
};

type Body = Readonly<Record<string, unknown>>;

/** From the responses of Describe and GetTopicRule. */
const READ: Readonly<Record<Kind, (body: Body) => Held>> = {
  input: ({ input }) => {
    const { inputConfiguration, inputDefinition } = input as {
      inputConfiguration: Body;
      inputDefinition: unknown;
    };
    return {
      request: only('input', { ...inputConfiguration, inputDefinition }),
      arn: String(inputConfiguration.inputArn),
    };
  },
  detectorModel: ({ detectorModel }) => {
    const { detectorModelConfiguration, detectorModelDefinition } = detectorModel as {
      detectorModelConfiguration: Body;
      detectorModelDefinition: unknown;
    };
    return {
      request: only('detectorModel', { ...detectorModelConfiguration, detectorModelDefinition }),
      arn: String(detectorModelConfiguration.detectorModelArn),
    };
  },
  alarmModel: (body) => ({ request: only('alarmModel', body), arn: String(body.alarmModelArn) }),
  topicRule: ({ rule, ruleArn }) => {
    const { ruleName, createdAt: _, ...topicRulePayload } = rule as Body;
    return { request: { ruleName, topicRulePayload }, arn: String(ruleArn) };
  },
};

/** The members that the create request also has. */
export function only(kind: Kind, body: Body): Request {
  const { shape, shapes } = KINDS[kind];
  const create = shapes[shape];
  const members = create?.type === 'structure' ? Object.keys(create.members) : [];
  return Object.fromEntries(
    members.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])),
  );
}
