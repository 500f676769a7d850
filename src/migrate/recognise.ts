import { comparable } from './fit/names.ts';
import type { Member, Node, ObjectNode } from './node.ts';
import { memberOf, textOf } from './node.ts';
import { own } from './own.ts';
import type { Format, Kind } from './report.ts';

/** A resource in a JSON or YAML document, as a node with the members of its create request. */
export interface Recognised {
  readonly kind: Kind;
  readonly node: ObjectNode;
}

export interface Recognition {
  readonly format: Format;
  readonly found: readonly Recognised[];
  /** List elements that are not resources of a known kind. */
  readonly strange: readonly Node[];
}

/** Recognises a JSON or YAML document by its content (docs/migrating.md: What is read), except for templates. */
export function recognise(node: Node): Recognition | undefined {
  if (node.kind === 'list') return recogniseList(node.items);
  if (node.kind !== 'object') return undefined;
  const collected = recogniseCollection(node);
  if (collected !== undefined) return collected;
  const one = recogniseObject(node);
  return one && { format: one.format, found: [one], strange: [] };
}

function recogniseList(items: readonly Node[]): Recognition | undefined {
  const each = items.map((item) => (item.kind === 'object' ? recogniseObject(item) : undefined));
  const found = each.filter((one) => one !== undefined);
  const [first] = found;
  if (first === undefined) return undefined;
  return { format: first.format, found, strange: items.filter((_, index) => each[index] === undefined) };
}

const COLLECTIONS: Readonly<Record<string, Kind>> = {
  inputs: 'input',
  detectormodels: 'detectorModel',
  alarmmodels: 'alarmModel',
  topicrules: 'topicRule',
};

/** `{inputs, detectorModels, alarmModels, topicRules}`, as exports write it. */
function recogniseCollection(node: ObjectNode): Recognition | undefined {
  const lists = node.members.flatMap(({ name, value }) => {
    const kind = own(COLLECTIONS, comparable(name));
    return kind === undefined || value.kind !== 'list' ? [] : [{ kind, value }];
  });
  if (lists.length === 0) return undefined;
  const items = lists.flatMap(({ kind, value }) => value.items.map((item) => ({ kind, item })));
  const found = items.flatMap(({ kind, item }) =>
    item.kind === 'object' ? [{ kind, node: recogniseObject(item)?.node ?? item }] : [],
  );
  const strange = items.flatMap(({ item }) => (item.kind === 'object' ? [] : [item]));
  return { format: 'api', found, strange };
}

/** Finds a member by its normalised name. */
type Lookup = (name: string) => Node | undefined;

function recogniseObject(node: ObjectNode): (Recognised & { readonly format: Format }) | undefined {
  const byName = new Map(node.members.map(({ name, value }) => [comparable(name), value]));
  const has: Lookup = (name) => byName.get(name);
  return (
    ruleOf(node, has) ??
    described(has) ??
    requested(node, has, byName) ??
    definitionOf(node, has) ??
    undefined
  );
}

function ruleOf(node: ObjectNode, has: Lookup) {
  const payload = has('topicrulepayload');
  if (payload !== undefined) return rule(node);
  const answered = has('rule');
  if (answered?.kind === 'object' && isRulePayload(answered)) return rule(wrapped(answered));
  return isRulePayload(node) ? rule(wrapped(node)) : undefined;
}

function rule(node: ObjectNode) {
  return { kind: 'topicRule', node, format: 'topic-rule' } as const;
}

function isRulePayload({ members }: ObjectNode): boolean {
  const names = members.map(({ name }) => comparable(name));
  return names.includes('sql') && names.includes('actions');
}

/** Moves the rule's name out of its payload, as in the create request. */
function wrapped(payload: ObjectNode): ObjectNode {
  const isOutside = ({ name }: Member) => ['rulename', 'rulearn', 'createdat'].includes(comparable(name));
  const inside = { ...payload, members: payload.members.filter((member) => !isOutside(member)) };
  const outside = payload.members.filter(isOutside);
  return { ...payload, members: [...outside, { name: 'topicRulePayload', value: inside }] };
}

/** Responses of DescribeInput and DescribeDetectorModel, with or without the enclosing member. */
function described(has: Lookup) {
  for (const [outer, configuration, definition, kind] of [
    ['input', 'inputconfiguration', 'inputdefinition', 'input'],
    ['detectormodel', 'detectormodelconfiguration', 'detectormodeldefinition', 'detectorModel'],
  ] as const) {
    const answer = has(outer);
    const members = new Map(
      answer?.kind === 'object' ? answer.members.map((each) => [comparable(each.name), each]) : [],
    );
    const configured = members.get(configuration)?.value ?? has(configuration);
    const defined = members.get(definition)?.value ?? has(definition);
    if (configured?.kind !== 'object') continue;
    const place = answer?.place ?? configured.place;
    const given = defined === undefined ? [] : [{ name: definition, value: defined }];
    const node: ObjectNode = { kind: 'object', members: [...configured.members, ...given], place };
    return { kind, node, format: 'describe' } as const;
  }
  return undefined;
}

const REQUESTS = [
  { kind: 'detectorModel', definition: 'detectormodeldefinition', name: 'detectormodelname' },
  { kind: 'alarmModel', definition: 'alarmrule', name: 'alarmmodelname' },
  { kind: 'input', definition: 'inputdefinition', name: 'inputname' },
] as const;

/** Members of create requests other than definitions. */
const OF_REQUESTS: ReadonlySet<string> = new Set([
  ...[
    'detectormodelname',
    'detectormodeldescription',
    'alarmmodelname',
    'alarmmodeldescription',
    'inputname',
  ],
  ...['inputdescription', 'rolearn', 'key', 'evaluationmethod', 'severity', 'tags', 'alarmnotification'],
  ...['alarmeventactions', 'alarmcapabilities'],
]);

/** A create or update request, or a response of DescribeAlarmModel and similar, which has additional members. */
function requested(node: ObjectNode, has: Lookup, names: ReadonlyMap<string, Node>) {
  for (const { kind, definition, name } of REQUESTS) {
    const onlyRequest = has(name) !== undefined && [...names.keys()].every((each) => OF_REQUESTS.has(each));
    if (has(definition) === undefined && !onlyRequest) continue;
    const isAnswer = ['arn', 'version'].some((part) => has(name.replace(/name$/, part)) !== undefined);
    const format = isAnswer || has('creationtime') !== undefined ? 'describe' : 'api';
    return { kind, node, format } as const;
  }
  return undefined;
}

/** A bare `{initialStateName, states}`. */
function definitionOf(node: ObjectNode, has: Lookup) {
  const states = has('states');
  const isList =
    states?.kind === 'list' &&
    states.items.every((state) => state.kind === 'object' && stateName(state) !== undefined);
  const isAlone = node.members.length === 1;
  const isDefinition =
    has('initialstatename') !== undefined || (isList && (isAlone || states.items.length > 0));
  if (!isDefinition) return undefined;
  const request = { ...node, members: [{ name: 'detectorModelDefinition', value: node }] };
  return { kind: 'detectorModel', node: request, format: 'definition' } as const;
}

function stateName(state: ObjectNode): Node | undefined {
  return state.members.find(({ name }) => comparable(name) === 'statename')?.value;
}

/** An object with `Resources`, each of which has a `Type`. */
export function isTemplate(node: Node): node is ObjectNode {
  const resources = memberOf(node, 'Resources');
  if (resources?.kind !== 'object') return false;
  if (memberOf(node, 'AWSTemplateFormatVersion') !== undefined) return true;
  const typed = resources.members.filter(
    ({ name, value }) => name.startsWith('Fn::') || textOf(memberOf(value, 'Type')) !== undefined,
  );
  return typed.length > 0 && typed.length === resources.members.length;
}
