import { nearest } from '../core/expression/index.ts';
import { ShapeReaders } from '../wire/shape-reader.ts';
import { Violations } from '../wire/violations.ts';
import type { Findings, Found } from './findings.ts';
import { toApiShape } from './fit/fit.ts';
import { isDescribed, KINDS } from './fit/kinds.ts';
import { comparable } from './fit/names.ts';
import { originOf } from './fit/origin.ts';
import { SUPPORTED_RULE_ACTIONS } from './fit/topic-rule-shapes.ts';
import type { Node, ObjectNode, Place } from './node.ts';
import type { ImportOptions } from './options.ts';
import type { Kind, Resource } from './report.ts';
import { unresolvedText } from './unresolved.ts';

/** A resource returned by a reader: resolved, but in the spelling of its format. */
export interface Draft {
  readonly kind: Kind;
  readonly node: ObjectNode;
  readonly file: string;
  /** The logical id, or `type.label`. */
  readonly resource?: string;
  /** The name to use if the resource has none. */
  readonly fallbackName: string;
}

/** The maximum number of violations to report for one request. */
const MOST_VIOLATIONS = 1000;

/** Violated constraints that make the request unfit for further checks. */
const MISSHAPEN = /Member must (not be null|be an object|be a list|be a string)/;

const readers = new Map(
  [...new Set(Object.values(KINDS).map(({ shapes }) => shapes))].map((shapes) => [
    shapes,
    new ShapeReaders(shapes),
  ]),
);

/** Builds the create request of a draft and adds findings about it. */
export function makeResource(
  draft: Draft,
  options: ImportOptions,
  findings: Findings,
  parameters: ReadonlySet<string>,
): Resource {
  const { kind, node, file, resource } = draft;
  const { shape, shapes, nameMember } = KINDS[kind];
  const nodes = new Map<string, Node>();
  const dropped: (() => void)[] = [];
  const request = toApiShape(node, shape, shapes, '', {
    placed: (path, at) => nodes.set(path, at),
    unknown: (path, name, at, known) => {
      if (path === '' && isDescribed(comparable(name))) return;
      dropped.push(() => report(unknownMember(path, name, known), { ...at, place: placeOfName(name, at) }));
    },
  }) as Record<string, unknown>;
  const named = typeof request[nameMember] === 'string' ? request[nameMember] : undefined;
  const name = named ?? generateName(draft);
  const label = resource ?? name;
  const report = (finding: Omit<Found, 'resource' | 'kind' | 'name' | 'place'>, at: Node) =>
    findings.add({ ...finding, resource: label, kind, name, place: at.place });

  if (named === undefined && request[nameMember] === undefined) {
    request[nameMember] = name;
    const message = `The ${KINDS[kind].words} has no name; it is named ${name}`;
    report({ level: 'INFO', code: 'generated-name', path: nameMember, message }, node);
  }
  for (const each of dropped) each();
  for (const { owner, path } of roles(kind, request)) fillRole(owner, path);
  const unresolvedPaths: string[] = [];
  for (const [path, at] of nodes) {
    if (at.kind !== 'scalar') continue;
    if (at.unresolved !== undefined) unresolvedPaths.push(path);
    for (const reference of at.unresolved ?? []) {
      const message = `${reference} cannot be resolved (${path}); give its value with ${flagFor(reference)}`;
      report({ level: 'WARNING', code: 'unresolved', path, reference, message }, at);
    }
  }
  const violations = new Violations(MOST_VIOLATIONS);
  let isWellFormed = true;
  readers.get(shapes)?.of(shape)(request, violations);
  for (const { path: servicePath, message } of violations.list) {
    const path = servicePath.replace(
      /\.(\d+)\.member/g,
      (_, position: string) => `[${Number(position) - 1}]`,
    );
    const at = nodes.get(path);
    if (MISSHAPEN.test(message)) isWellFormed = false;
    // A missing value has already been reported as unresolved.
    if (at?.kind === 'scalar' && at.unresolved !== undefined) continue;
    const stated = message.replace(servicePath, path);
    report({ level: 'ERROR', code: 'invalid', path, message: stated }, nearestNode(nodes, path, node));
  }
  if (kind === 'topicRule') reportUnsupported();
  const source = resource === undefined ? { file } : { file, resource };
  const placeOf = (path: string) => originOf(nearestNode(nodes, path, node));
  return { kind, name, source, request, isWellFormed, unresolvedPaths, placeOf };

  /** The option that supplies the value of a reference. */
  function flagFor(reference: string): string {
    const name = reference.replace(/^var\./, '');
    return parameters.has(name) ? `--parameter ${name}=VALUE` : `--resolve '${reference}=VALUE'`;
  }

  /** Unsupported actions of a topic rule are kept, or dropped if the options say so. */
  function reportUnsupported(): void {
    for (const { action, path } of ruleActions(request)) {
      for (const type of Object.keys(action).filter((each) => !SUPPORTED_RULE_ACTIONS.has(each))) {
        const outcome = options.dropUnsupportedActions
          ? 'it is left out'
          : 'it is carried over, but does not run';
        const message = `The action ${type} of topic rules is not supported (${path}): ${outcome}`;
        report({ level: 'WARNING', code: 'unsupported', path, message }, nearestNode(nodes, path, node));
      }
    }
    if (options.dropUnsupportedActions) dropUnsupported(request);
  }

  /** A missing role is not an error, because it only matters when actions are sent. */
  function fillRole(owner: Record<string, unknown>, path: string): void {
    if (owner.roleArn !== undefined && owner.roleArn !== '') return;
    const supplied = options.resolve?.get('roleArn');
    owner.roleArn = supplied ?? unresolvedText('roleArn');
    if (supplied !== undefined) return;
    const message = `No role is given (${path}); give one with --resolve 'roleArn=ARN'`;
    report({ level: 'WARNING', code: 'missing-role', path, message }, nearestNode(nodes, path, node));
  }
}

/** The structures of a request that require a role. */
function roles(
  kind: Kind,
  request: Record<string, unknown>,
): { owner: Record<string, unknown>; path: string }[] {
  if (kind === 'input') return [];
  if (kind !== 'topicRule') return [{ owner: request, path: 'roleArn' }];
  return ruleActions(request).flatMap(({ action, path }) =>
    Object.entries(action).flatMap(([type, owner]) =>
      (type === 'iotEvents' || type === 'republish') && isRecord(owner)
        ? [{ owner, path: `${path}.${type}.roleArn` }]
        : [],
    ),
  );
}

/** The actions of a topic rule's request, followed by its error action. */
export function ruleActions(request: Readonly<Record<string, unknown>>): {
  readonly action: Record<string, unknown>;
  readonly path: string;
}[] {
  const payload = request.topicRulePayload;
  if (!isRecord(payload)) return [];
  const { actions, errorAction } = payload;
  const listed = (Array.isArray(actions) ? (actions as unknown[]) : []).map((action, index) => ({
    action,
    path: `topicRulePayload.actions[${index}]`,
  }));
  return [...listed, { action: errorAction, path: 'topicRulePayload.errorAction' }].flatMap(
    ({ action, path }) => (isRecord(action) ? [{ action, path }] : []),
  );
}

function dropUnsupported({ topicRulePayload: payload }: Record<string, unknown>): void {
  if (!isRecord(payload)) return;
  const isSupported = (action: unknown) =>
    !isRecord(action) || Object.keys(action).every((type) => SUPPORTED_RULE_ACTIONS.has(type));
  if (Array.isArray(payload.actions)) payload.actions = payload.actions.filter(isSupported);
  if (!isSupported(payload.errorAction)) delete payload.errorAction;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The place of a member's name, before its value. */
function placeOfName(name: string, { place }: Node): Place {
  const { source, start } = place;
  const at = source.text.lastIndexOf(name, start);
  return at < 0 || source.text.slice(at, start).includes('\n')
    ? place
    : { source, start: at, end: at + name.length };
}

function generateName({ kind, fallbackName }: Draft): string {
  return fallbackName.replace(KINDS[kind].forbidden, '_');
}

function unknownMember(path: string, name: string, known: readonly string[]) {
  const near = nearest(name, known);
  const where = path === '' ? '' : ` (${path})`;
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const message = `The API has no member ${name}${where}; it is left out.${hint}`;
  return {
    level: 'WARNING',
    code: 'unknown-member',
    path: path === '' ? name : `${path}.${name}`,
    message,
  } as const;
}

/** The node at a path, or the nearest enclosing one. */
function nearestNode(nodes: ReadonlyMap<string, Node>, path: string, root: Node): Node {
  for (let at = path; at !== ''; at = at.replace(/(\.|^)[^.[\]]+$|\[\d+\]$/, '')) {
    const node = nodes.get(at);
    if (node !== undefined) return node;
  }
  return root;
}
