import { usesOf } from '../../core/action/index.ts';
import { type AlarmModelSource, compileAlarmModel } from '../../core/alarm/compile.ts';
import { isProperty } from '../../core/alarm/sitewise.ts';
import { compileModel, type ModelSource } from '../../core/model/compile.ts';
import { normaliseDefinition } from '../../core/model/normalise.ts';
import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import { type OperationName, RULE_OPERATIONS } from '../../wire/service/table.ts';
import { ruleAction } from './actions.ts';
import type { AccessRequest } from './policy.ts';

/** The parts of ARNs that identify this server. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** Request members that name a resource, with its kind in ARNs. */
const KINDS: Readonly<Record<string, string>> = {
  inputName: 'input',
  detectorModelName: 'detectorModel',
  alarmModelName: 'alarmModel',
};
/** An ARN of the service in any partition; the partition makes no difference here. */
const OWN_ARN = /^arn:aws[a-z-]*:((?:iotevents|iot):.*)$/s;

/**
 * The permissions that a caller needs for an operation with that input: each named resource, or `*`; each role passed
 * on; and for a model, the inputs that it reads and writes once compiled, however the definition spells them.
 */
export function accessOf(
  operation: OperationName,
  input: unknown,
  place: Place,
  limits: Limits = DEFAULT_LIMITS,
): AccessRequest[] {
  const given = input as Readonly<Record<string, unknown>>;
  if (RULE_NAMES.has(operation)) return [ruleAccess(operation, given, place), ...ruleUses(given, place)];
  const resources = resourcesOf(given, place);
  const own = (resources.length === 0 ? ['*'] : resources).map((resource) => ({
    action: `iotevents:${operation}`,
    resource,
  }));
  const passed = rolesIn(given).map((resource) => ({ action: 'iam:PassRole', resource }));
  const compile = COMPILERS[operation];
  const model = compile?.(given, limits);
  if (model === undefined) return [...own, ...passed];
  const { reads, writes } = usesOf(model);
  const on = (action: string, names: readonly string[]) =>
    names.map((name) => ({ action: `iotevents:${action}`, resource: arn('input', name, place) }));
  const inputs = reads.filter((name) => !isProperty(name));
  return [...own, ...passed, ...on('UpdateInputRouting', inputs), ...on('BatchPutMessage', writes)];
}

/**
 * Compiles the model in a request that would receive messages (reference: api 1.5). One that does not compile is
 * refused later, and needs nothing.
 */
type Compile = (
  input: Readonly<Record<string, unknown>>,
  limits: Limits,
) => Parameters<typeof usesOf>[0] | undefined;

const ofDetectorModel: Compile = (input, limits) => {
  const source = { detectorModelVersion: '1', ...input } as unknown as ModelSource;
  const { detectorModelDefinition } = source;
  const normalised = normaliseDefinition(detectorModelDefinition);
  const compiled = compileModel({ ...source, detectorModelDefinition: normalised }, limits);
  return compiled.ok ? compiled.model : undefined;
};

const ofAlarmModel: Compile = (input, limits) => {
  const source = { alarmModelVersion: '1', ...input } as unknown as AlarmModelSource;
  const compiled = compileAlarmModel(source, limits);
  return compiled.ok ? compiled.model : undefined;
};

const COMPILERS: Readonly<Partial<Record<OperationName, Compile>>> = {
  CreateDetectorModel: ofDetectorModel,
  UpdateDetectorModel: ofDetectorModel,
  CreateAlarmModel: ofAlarmModel,
  UpdateAlarmModel: ofAlarmModel,
};

/** Roles that the server would assume. */
function rolesIn(input: Readonly<Record<string, unknown>>): string[] {
  const { roleArn, loggingOptions } = input;
  const nested = (loggingOptions as { readonly roleArn?: unknown } | undefined)?.roleArn;
  return [roleArn, nested].filter((role): role is string => typeof role === 'string');
}

function resourcesOf(input: Record<string, unknown>, place: Place): string[] {
  const found = new Set<string>();
  for (const [member, value] of Object.entries(input)) {
    const kind = KINDS[member];
    if (typeof value === 'string' && kind !== undefined) found.add(arn(kind, value, place));
    else if (typeof value === 'string' && member === 'resourceArn') found.add(canonical(value));
    else if (Array.isArray(value))
      for (const each of value) for (const one of named(each, place)) found.add(one);
  }
  return [...found];
}

/** The resources named by an entry of a batch. */
function named(entry: unknown, place: Place): string[] {
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.entries(entry).flatMap(([member, value]) => {
    const kind = KINDS[member];
    return kind === undefined || typeof value !== 'string' ? [] : [arn(kind, value, place)];
  });
}

function canonical(resourceArn: string): string {
  return resourceArn.replace(OWN_ARN, 'arn:aws:$1');
}

function arn(kind: string, name: string, { region, accountId }: Place): string {
  return `arn:aws:iotevents:${region}:${accountId}:${kind}/${name}`;
}

const RULE_NAMES: ReadonlySet<string> = new Set(RULE_OPERATIONS.map(({ name }) => name));

/** AWS names the tag operations without the kind of the tagged resource. */
function ruleAccess(
  operation: OperationName,
  { ruleName, resourceArn }: Readonly<Record<string, unknown>>,
  { region, accountId }: Place,
): AccessRequest {
  const action = ruleAction(operation);
  if (typeof resourceArn === 'string') return { action, resource: canonical(resourceArn) };
  const resource = typeof ruleName === 'string' ? `arn:aws:iot:${region}:${accountId}:rule/${ruleName}` : '*';
  return { action, resource };
}

/** The inputs that the actions of a topic rule put messages into, and the roles that they name. */
function ruleUses({ topicRulePayload }: Readonly<Record<string, unknown>>, place: Place): AccessRequest[] {
  const found = new Map<string, AccessRequest>();
  const look = (given: unknown): void => {
    if (typeof given !== 'object' || given === null) return;
    for (const [member, value] of Object.entries(given)) {
      if (member === 'inputName' && typeof value === 'string')
        found.set(value, { action: 'iotevents:BatchPutMessage', resource: arn('input', value, place) });
      else if (member === 'roleArn' && typeof value === 'string')
        found.set(value, { action: 'iam:PassRole', resource: value });
      else look(value);
    }
  };
  look(topicRulePayload);
  return [...found.values()];
}
