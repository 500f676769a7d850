import { concat, made, unresolvedIn } from '../compose.ts';
import type { Findings } from '../findings.ts';
import type { Draft } from '../make-resource.ts';
import { memberOf, type Node, type ObjectNode, type Place, type Source, textOf } from '../node.ts';
import { DEFAULT_ACCOUNT_ID, DEFAULT_REGION, type ImportOptions } from '../options.ts';
import { own } from '../own.ts';
import { readDocument } from '../read/document.ts';
import { isTemplate } from '../recognise.ts';
import type { Environment } from './aws.ts';
import { MARKED_RULE, OUR_TYPES } from './kinds.ts';
import { NestedTemplates } from './nested.ts';
import { Stack, type StackRun } from './stack.ts';

/** What is known about a stack from outside its template, such as from a CDK manifest. */
export interface StackHints {
  readonly region?: string;
  readonly accountId?: string;
  readonly stackName?: string;
}

/** All templates of an import. They may import each other's exports and nest each other. */
export class Templates {
  readonly #options: ImportOptions;
  readonly #findings: Findings;
  readonly #stacks: Stack[] = [];
  readonly #nested: NestedTemplates;
  /** Parameters declared by any template. */
  readonly declared = new Set<string>();
  readonly #refused = new Set<string>();
  /** Templates that are nested in another one, with the first of their parents. */
  readonly #inner = new Map<string, string>();
  /** The files of the enclosing stacks of a nested stack, outermost first. */
  readonly #within = new Map<Stack, readonly string[]>();
  /** Files that a stack refers to as templates although they are not. */
  readonly #faulty = new Set<string>();

  constructor(options: ImportOptions, findings: Findings, read: (path: string) => string | undefined) {
    this.#options = options;
    this.#findings = findings;
    this.#nested = new NestedTemplates(read);
  }

  /** Adds a template. Nothing is resolved until all have been added. */
  add(
    source: Source,
    template: ObjectNode,
    hints: StackHints = {},
    passed: ReadonlyMap<string, Node> = new Map(),
  ): Stack {
    const stack = new Stack(this.#run(), source, template, this.#environment(source, hints), passed);
    this.#declare(template);
    this.#stacks.push(stack);
    return stack;
  }

  /** Finds out which templates are nested in others. Call it once, after all have been added. */
  connect(): void {
    for (const stack of [...this.#stacks]) this.#visit(stack);
    for (const stack of this.#stacks) stack.checkParameters();
  }

  /** True for a template that is imported as part of its parent. */
  isNested({ source }: Stack): boolean {
    return this.#inner.has(source.path);
  }

  /** The files of the templates nested in a file's template, in order and each after its parent. */
  nestedIn(path: string): string[] {
    const children = [...this.#inner].filter(([, parent]) => parent === path);
    return children.flatMap(([child]) => [child, ...this.nestedIn(child)]);
  }

  /** The relevant resources of a template, including those of its nested stacks. */
  drafts(stack: Stack): Draft[] {
    const resources = memberOf(stack.template, 'Resources');
    const members = resources?.kind === 'object' ? resources.members : [];
    return members.flatMap(({ name, value }) => this.#draft(stack, name, value));
  }

  #draft(stack: Stack, logicalId: string, resource: Node): Draft[] {
    if (logicalId.startsWith('Fn::')) {
      const message = `${logicalId} creates resources; they are not imported`;
      this.#findings.add({
        level: 'WARNING',
        code: 'unsupported',
        resource: logicalId,
        message,
        place: resource.place,
      });
      return [];
    }
    if (resource.kind !== 'object') return [];
    const ours = own(OUR_TYPES, textOf(memberOf(resource, 'Type')) ?? '');
    const child = ours === undefined && stack.exists(resource) ? stack.child(logicalId) : undefined;
    if (child !== undefined) return this.drafts(child);
    if (ours === undefined) {
      if (stack.exists(resource)) this.#reportMissing(stack, logicalId, resource);
      return [];
    }
    const properties = memberOf(resource, 'Properties') ?? {
      kind: 'object',
      members: [],
      place: resource.place,
    };
    const condition = textOf(memberOf(resource, 'Condition'));
    const isMarked = memberOf(memberOf(resource, 'Metadata'), MARKED_RULE) !== undefined;
    const isWanted = (rule: Node | undefined) => isMarked || sendsToInput(rule);
    stack.assumptions.length = 0;
    if (condition !== undefined && !stack.isTrue(condition, resource.place)) {
      const message = `${logicalId} is left out: its condition ${condition} is false`;
      if (ours.kind !== 'topicRule' || isWanted(properties)) {
        this.#findings.add({
          level: 'INFO',
          code: 'condition-false',
          resource: logicalId,
          message,
          place: resource.place,
        });
      }
      return [];
    }
    const resolved = stack.resolve(properties);
    if (ours.kind === 'topicRule' && !isWanted(resolved)) return [];
    for (const { condition: name, reference, place } of stack.assumptions.splice(0)) {
      const message =
        name === undefined
          ? `${reference} cannot be resolved: whatever it would add is missing`
          : `The condition ${name} depends on ${reference}, which cannot be resolved; it counts as true`;
      this.#findings.add({
        level: 'WARNING',
        code: 'unresolved',
        resource: logicalId,
        reference,
        message,
        place,
      });
    }
    const node = resolved?.kind === 'object' ? resolved : { ...resource, members: [] };
    const file = stack.source.path;
    const draft = ours.kind === 'topicRule' ? withTagText(node) : node;
    return [{ kind: ours.kind, node: draft, file, resource: logicalId, fallbackName: logicalId }];
  }

  /** Reports a nested stack whose template is missing, which is left out. */
  #reportMissing(stack: Stack, logicalId: string, resource: ObjectNode): void {
    const url = this.#nested.urlOf(stack, resource);
    if (url === undefined || this.#nested.find(stack, resource) !== undefined) return;
    const message = `The template of the nested stack ${logicalId} was not found next to its parent (${url}): its resources are not imported; import it separately`;
    this.#findings.add({
      level: 'WARNING',
      code: 'unsupported',
      resource: logicalId,
      message,
      place: resource.place,
    });
  }

  /** The template in a file that a stack refers to; if it is not a template, adds a finding and returns undefined. */
  #template(source: Source): ObjectNode | undefined {
    const read = readDocument(source);
    const template = read.ok ? read.nodes[0] : undefined;
    if (template !== undefined && isTemplate(template)) return template;
    if (this.#faulty.has(source.path)) return undefined;
    this.#faulty.add(source.path);
    const { path } = source;
    // If the file was also given by itself, it may already have been reported.
    if (this.#findings.list.some(({ level, file }) => level === 'ERROR' && file === path)) return undefined;
    if (read.ok) {
      const message = `${path} is not a template, but a nested stack refers to it as one`;
      this.#findings.add({
        level: 'ERROR',
        code: 'not-recognised',
        message,
        place: { source, start: 0, end: 0 },
      });
    } else {
      const message = `${path} is ${read.message}`;
      this.#findings.add({ level: 'ERROR', code: 'syntax', message, place: read.place });
    }
    return undefined;
  }

  #environment(source: Source, hints: StackHints): Environment {
    const { region, defaultRegion, accountId, stackName } = this.#options;
    return {
      region: region ?? hints.region ?? defaultRegion ?? DEFAULT_REGION,
      accountId: accountId ?? hints.accountId ?? DEFAULT_ACCOUNT_ID,
      stackName: stackName ?? hints.stackName ?? fileName(source.path).replace(/[^a-zA-Z0-9]/g, ''),
    };
  }

  #declare(template: ObjectNode): void {
    const parameters = memberOf(template, 'Parameters');
    for (const { name } of parameters?.kind === 'object' ? parameters.members : []) this.declared.add(name);
  }

  #run(): StackRun {
    return {
      options: this.#options,
      exported: (name) => {
        for (const stack of this.#stacks) {
          const value = stack.exported(name);
          if (value !== undefined) return value;
        }
        return undefined;
      },
      nested: (parent, logicalId) => this.#child(parent, logicalId),
      misuse: ({ refused }, name) => {
        if (refused === undefined || this.#refused.has(`${name} ${refused.text}`)) return;
        this.#refused.add(`${name} ${refused.text}`);
        const { text, allowed, place } = refused;
        const message = `The parameter ${name} is ${JSON.stringify(text)}; allowed are ${allowed.join(', ')}`;
        this.#findings.add({ level: 'ERROR', code: 'parameter', resource: name, message, place });
      },
    };
  }

  #visit(stack: Stack): void {
    const resources = memberOf(stack.template, 'Resources');
    for (const { name, value } of resources?.kind === 'object' ? resources.members : []) {
      if (value.kind !== 'object' || !this.#nested.isStack(value)) continue;
      const child = stack.child(name);
      if (child !== undefined) this.#visit(child);
    }
  }

  #child(parent: Stack, logicalId: string): Stack | undefined {
    const resource = parent.resourceOf(logicalId);
    const source = resource && this.#nested.find(parent, resource);
    if (resource === undefined || source === undefined) return undefined;
    const within = [...(this.#within.get(parent) ?? []), parent.source.path];
    if (within.includes(source.path)) return this.#refuseCircle(logicalId, resource, source.path);
    const template = this.#template(source);
    if (template === undefined) return undefined;
    if (!this.#inner.has(source.path)) this.#inner.set(source.path, parent.source.path);
    this.#declare(template);
    const passed = parent.resolve(memberOf(memberOf(resource, 'Properties'), 'Parameters') ?? template);
    const values = new Map(
      passed?.kind === 'object' && passed !== template
        ? passed.members.map(({ name, value }) => [name, value])
        : [],
    );
    const { region, accountId } = parent.environment;
    const stack = new Stack(
      this.#run(),
      source,
      template,
      this.#environment(source, { region, accountId }),
      values,
    );
    this.#stacks.push(stack);
    this.#within.set(stack, within);
    return stack;
  }

  #refuseCircle(logicalId: string, { place }: ObjectNode, path: string): undefined {
    const message = `The nested stack ${logicalId} is left out: ${path} is nested in itself`;
    this.#findings.add({ level: 'WARNING', code: 'unsupported', resource: logicalId, message, place });
  }
}

/** A file's base name up to the first dot; `stdin` for standard input. */
export function fileName(path: string): string {
  if (path === '-') return 'stdin';
  const base = path.split(/[/\\]/).at(-1) ?? path;
  return base.split('.')[0] || base;
}

/** Whether any action of a topic rule sends to an input. */
function sendsToInput(properties: Node | undefined): boolean {
  const actions = memberOf(memberOf(properties, 'TopicRulePayload'), 'Actions');
  return (
    actions?.kind === 'list' && actions.items.some((action) => memberOf(action, 'IotEvents') !== undefined)
  );
}

/** The API takes the tags of a rule as text: `key=value&key=value`. */
function withTagText(node: ObjectNode): ObjectNode {
  const tags = memberOf(node, 'Tags');
  if (tags?.kind !== 'list') return node;
  const pairs = tags.items.map((tag) => [memberOf(tag, 'Key'), memberOf(tag, 'Value')] as const);
  return withTags(node, 'Tags', pairs, tags.place);
}

export function withTags(
  node: ObjectNode,
  member: string,
  pairs: readonly (readonly [key: Node | undefined, value: Node | undefined])[],
  place: Place,
): ObjectNode {
  const encoded = pairs.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
  const unresolved = pairs.flat().flatMap((each) => (each === undefined ? [] : unresolvedIn(each)));
  const text = concat([made(encoded, place)], place);
  const value = unresolved.length > 0 ? { ...text, unresolved } : text;
  const others = node.members.filter(({ name }) => name !== member);
  return { ...node, members: [...others, { name: 'tags', value }] };
}

function encode(node: Node | undefined): string {
  return encodeURIComponent(textOf(node) ?? '');
}
