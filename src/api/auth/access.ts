import { type OperationName, RULE_OPERATIONS } from '../../wire/service/table.ts';
import type { AccessRequest } from './policy.ts';

/** Where a request goes: parts of ARNs. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** Members of requests that name a resource, with its kind in ARNs. */
const KINDS: Readonly<Record<string, string>> = {
  inputName: 'input',
  detectorModelName: 'detectorModel',
  alarmModelName: 'alarmModel',
};
/** Operations that make messages of inputs go to a model (reference: api 1.5). */
const ROUTING: readonly OperationName[] = [
  'CreateDetectorModel',
  'UpdateDetectorModel',
  'CreateAlarmModel',
  'UpdateAlarmModel',
];

/** All that a caller must be allowed for an operation with that input: each resource it names, or `*`. */
export function accessOf(operation: OperationName, input: unknown, place: Place): AccessRequest[] {
  if (RULE_NAMES.has(operation)) return [ruleAccess(operation, input as Record<string, unknown>, place)];
  const resources = resourcesOf(input as Record<string, unknown>, place);
  const own = (resources.length === 0 ? ['*'] : resources).map((resource) => ({
    action: `iotevents:${operation}`,
    resource,
  }));
  if (!ROUTING.includes(operation)) return own;
  const routed = inputsIn(input).map((name) => ({
    action: 'iotevents:UpdateInputRouting',
    resource: arn('input', name, place),
  }));
  return [...own, ...routed];
}

function resourcesOf(input: Record<string, unknown>, place: Place): string[] {
  const found = new Set<string>();
  for (const [member, value] of Object.entries(input)) {
    const kind = KINDS[member];
    if (typeof value === 'string' && kind !== undefined) found.add(arn(kind, value, place));
    else if (typeof value === 'string' && member === 'resourceArn') found.add(value);
    else if (Array.isArray(value))
      for (const each of value) for (const one of named(each, place)) found.add(one);
  }
  return [...found];
}

/** The resources of an entry of a batch. */
function named(entry: unknown, place: Place): string[] {
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.entries(entry).flatMap(([member, value]) => {
    const kind = KINDS[member];
    return kind === undefined || typeof value !== 'string' ? [] : [arn(kind, value, place)];
  });
}

/** Every input that a definition's expressions may read; rather one too many than one too few. */
function inputsIn(input: unknown): string[] {
  const text = JSON.stringify(input);
  const names = [...text.matchAll(/\$input\.`?([a-zA-Z]\w*)|currentInput\s*\(\s*\\?["']([a-zA-Z]\w*)/g)];
  return [...new Set(names.map(([, read, current]) => read ?? current ?? ''))];
}

function arn(kind: string, name: string, { region, accountId }: Place): string {
  return `arn:aws:iotevents:${region}:${accountId}:${kind}/${name}`;
}

const RULE_NAMES: ReadonlySet<string> = new Set(RULE_OPERATIONS.map(({ name }) => name));

/** AWS names the operations on tags without what is tagged. */
function ruleAccess(
  operation: OperationName,
  { ruleName, resourceArn }: Record<string, unknown>,
  { region, accountId }: Place,
): AccessRequest {
  const action = `iot:${operation.replace(/^(Tag|Untag|ListTagsFor)TopicRule$/, '$1Resource')}`;
  if (typeof resourceArn === 'string') return { action, resource: resourceArn };
  const resource = typeof ruleName === 'string' ? `arn:aws:iot:${region}:${accountId}:rule/${ruleName}` : '*';
  return { action, resource };
}
