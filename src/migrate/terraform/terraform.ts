import type { Environment } from '../cloudformation/aws.ts';
import type { Stack } from '../cloudformation/stack.ts';
import type { Templates } from '../cloudformation/templates.ts';
import { withTags } from '../cloudformation/templates.ts';
import type { Findings } from '../findings.ts';
import { apiName, comparable } from '../fit/names.ts';
import { TOPIC_RULE_SHAPES } from '../fit/topic-rule-shapes.ts';
import type { Block, Body, Expression } from '../hcl/ast.ts';
import { writtenText } from '../hcl/ast.ts';
import type { Draft } from '../make-resource.ts';
import {
  type Member,
  type Node,
  type ObjectNode,
  objectNode,
  type Place,
  positionOf,
  textOf,
} from '../node.ts';
import { DEFAULT_ACCOUNT_ID, DEFAULT_REGION, type ImportOptions } from '../options.ts';
import { own } from '../own.ts';
import { beside, folderOf } from '../paths.ts';
import { readDocument } from '../read/document.ts';
import { isTemplate } from '../recognise.ts';
import type { Kind } from '../report.ts';
import { Evaluator } from './evaluate.ts';
import { attributeOf, Module, type ResourceBlock, resourcesIn } from './module.ts';

const KINDS_BY_TYPE: Readonly<Record<string, Kind>> = {
  awscc_iotevents_input: 'input',
  awscc_iotevents_detector_model: 'detectorModel',
  awscc_iotevents_alarm_model: 'alarmModel',
  aws_iot_topic_rule: 'topicRule',
};

/** Meta-arguments of Terraform, which belong to no resource type. */
const META: ReadonlySet<string> = new Set([
  ...['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'provisioner', 'connection', 'dynamic'],
]);

/** All modules of an import. The files of one folder form a module. */
export class TerraformModules {
  readonly #options: ImportOptions;
  readonly #findings: Findings;
  readonly #templates: Templates;
  readonly #read: (path: string) => string | undefined;
  readonly #modules = new Map<string, Module>();
  readonly #stacks = new Map<Block, Stack>();

  constructor(
    options: ImportOptions,
    findings: Findings,
    templates: Templates,
    read: (path: string) => string | undefined,
  ) {
    this.#read = read;
    this.#options = options;
    this.#findings = findings;
    this.#templates = templates;
  }

  /** Adds a file. Nothing is evaluated until all have been added. */
  add(path: string, body: Body): void {
    const folder = folderOf(path);
    const module = this.#modules.get(folder) ?? new Module();
    this.#modules.set(folder, module);
    module.add(body);
    for (const name of module.variables.keys()) this.#templates.declared.add(name);
  }

  /** The relevant resources of one file, including those of its templates. */
  drafts(path: string, body: Body): readonly Draft[] {
    const module = this.#modules.get(folderOf(path));
    if (module === undefined) return [];
    const evaluator = new Evaluator(module, this.#environment(), this.#options);
    return resourcesIn(body).flatMap((resource) => this.#draft(path, resource, evaluator));
  }

  /**
   * Adds the templates of a file's `aws_cloudformation_stack` resources, because other templates may import their
   * exports.
   */
  stacks(path: string, body: Body): void {
    const module = this.#modules.get(folderOf(path));
    if (module === undefined) return;
    const evaluator = new Evaluator(module, this.#environment(), this.#options);
    for (const resource of resourcesIn(body)) {
      if (resource.type === 'aws_cloudformation_stack') this.#addStack(path, resource, evaluator);
    }
  }

  #draft(path: string, resource: ResourceBlock, evaluator: Evaluator): readonly Draft[] {
    const { type, label, block } = resource;
    const name = `${type}.${label}`;
    const stack = this.#stacks.get(block);
    const kind = own(KINDS_BY_TYPE, type);
    if (kind === undefined && stack === undefined) return [];
    if (kind === 'topicRule' && !hasInputAction(block) && !evaluator.isMarked(label)) return [];
    if (!this.#existsOnce(name, block, evaluator)) return [];
    if (stack !== undefined) return this.#templates.drafts(stack);
    if (kind === undefined) return [];
    evaluator.assumptions.length = 0;
    const node = kind === 'topicRule' ? topicRule(block, evaluator) : evaluator.body(block.body, META);
    for (const { condition, reference, place } of evaluator.assumptions.splice(0)) {
      const message = `The condition ${condition} depends on ${reference}, which cannot be resolved; it counts as true`;
      this.#findings.add({ level: 'WARNING', code: 'unresolved', resource: name, reference, message, place });
    }
    return [{ kind, node, file: path, resource: name, fallbackName: label }];
  }

  /** Reports and refuses a resource that does not exist exactly once. */
  #existsOnce(resource: string, { body }: Block, evaluator: Evaluator): boolean {
    const refuse = (what: string, at: Place) => {
      const message = `${what} is not supported: write the resource out once for each of its values`;
      this.#findings.add({ level: 'ERROR', code: 'unsupported', resource, message, place: at });
      return false;
    };
    const forEach = attributeOf(body, 'for_each');
    if (forEach !== undefined) return refuse('for_each', forEach.place);
    const dynamic = findDynamic(body);
    if (dynamic !== undefined) return refuse('A dynamic block', dynamic.place);
    const count = attributeOf(body, 'count');
    if (count === undefined) return true;
    const number = textOf(evaluator.evaluate(count.value));
    if (number === '1') return true;
    if (number !== '0') return refuse(`count = ${writtenText(count.value.place)}`, count.place);
    const message = `${resource} is left out: its count is 0`;
    this.#findings.add({ level: 'INFO', code: 'condition-false', resource, message, place: count.place });
    return false;
  }

  #addStack(path: string, { type, label, block }: ResourceBlock, evaluator: Evaluator): void {
    const value = attributeOf(block.body, 'template_body')?.value;
    const template = value && this.#template(path, value, evaluator);
    if (template === undefined || !isTemplate(template)) {
      const resource = `${type}.${label}`;
      const message = `The template of ${resource} cannot be read; import its file together with this one`;
      const { place } = value ?? block;
      this.#findings.add({ level: 'WARNING', code: 'unsupported', resource, message, place });
      return;
    }
    const parameters = evaluator.argument(block, 'parameters');
    const passed = new Map(
      parameters?.kind === 'object' ? parameters.members.map((each) => [each.name, each.value]) : [],
    );
    const stackName = textOf(evaluator.argument(block, 'name'));
    const hints = stackName === undefined ? {} : { stackName };
    this.#stacks.set(block, this.#templates.add(template.place.source, template, hints, passed));
  }

  /** Returns a text, the argument of `jsonencode`, or the content of a file read by `file`. */
  #template(path: string, value: Expression, evaluator: Evaluator): Node | undefined {
    const [argument] = value.kind === 'call' ? value.args : [];
    if (value.kind !== 'call' || argument === undefined) return this.#parsed(path, evaluator.evaluate(value));
    if (value.name === 'jsonencode') return evaluator.evaluate(argument);
    if (value.name !== 'file') return undefined;
    const relative = textOf(evaluator.evaluate(argument))?.replace(
      /^unresolved\(path\.(module|root|cwd)\)\//,
      '',
    );
    const file = relative === undefined ? undefined : beside(path, relative);
    const text = file === undefined ? undefined : this.#read(file);
    const document =
      file === undefined || text === undefined ? undefined : readDocument({ path: file, text });
    return document?.ok ? document.nodes[0] : undefined;
  }

  /** A heredoc keeps its lines, so that positions within it are correct except for the indentation. */
  #parsed(path: string, body: Node): Node | undefined {
    const text = textOf(body);
    if (text === undefined) return undefined;
    const { line } = positionOf(body.place);
    const isHeredoc = body.place.source.text.startsWith('<<', body.place.start);
    const document = readDocument({ path, text, linesBefore: isHeredoc ? line : line - 1 });
    return document.ok ? document.nodes[0] : undefined;
  }

  #environment(): Environment {
    const { region, defaultRegion, accountId, stackName } = this.#options;
    return {
      region: region ?? defaultRegion ?? DEFAULT_REGION,
      accountId: accountId ?? DEFAULT_ACCOUNT_ID,
      stackName: stackName ?? '',
    };
  }
}

function hasInputAction({ body }: Block): boolean {
  return body.items.some((item) =>
    item.kind === 'block'
      ? item.type === 'iot_events' || (item.type === 'dynamic' && item.labels[0] === 'iot_events')
      : item.name === 'iot_events',
  );
}

function findDynamic({ items }: Body): Block | undefined {
  for (const item of items) {
    if (item.kind !== 'block') continue;
    const found = item.type === 'dynamic' ? item : findDynamic(item.body);
    if (found !== undefined) return found;
  }
  return undefined;
}

const RULE_MEMBERS: Readonly<Record<string, string>> = {
  sql: 'sql',
  sql_version: 'awsIotSqlVersion',
  description: 'description',
};

/**
 * Converts a rule to the API's structure: the provider renames members, and has one block per action. Actions stay in
 * source order, whatever their types.
 */
function topicRule({ body: { items, place } }: Block, evaluator: Evaluator): ObjectNode {
  const payload: Member[] = [];
  const outer: Member[] = [];
  const actions: Node[] = [];
  let tags: Node | undefined;
  for (const item of items) {
    const name = item.kind === 'attribute' ? item.name : item.type;
    if (META.has(name)) continue;
    const value = item.kind === 'attribute' ? evaluator.evaluate(item.value) : evaluator.body(item.body);
    const plain = own(RULE_MEMBERS, name);
    if (plain !== undefined) payload.push({ name: plain, value });
    else if (name === 'name') outer.push({ name: 'ruleName', value });
    else if (name === 'enabled') payload.push({ name: 'ruleDisabled', value: negated(value) });
    else if (name === 'error_action') payload.push(...errorAction(value));
    else if (actionName(name) !== undefined) actions.push(...actionsOf(name, value));
    else if (name === 'tags') tags = value;
    else outer.push({ name, value });
  }
  payload.push({ name: 'actions', value: { kind: 'list', items: actions, place } });
  const rule = objectNode([...outer, { name: 'topicRulePayload', value: objectNode(payload, place) }], place);
  if (tags?.kind !== 'object') return rule;
  const pairs = tags.members.map(({ name, value }) => [textNode(name, value.place), value] as const);
  return withTags(rule, 'tags', pairs, tags.place);
}

const ACTION_SHAPE = TOPIC_RULE_SHAPES.Action;

/** The API's name of an action, by the name of its block. */
function actionName(block: string): string | undefined {
  return ACTION_SHAPE?.type === 'structure' ? apiName(ACTION_SHAPE.members, block) : undefined;
}

function actionsOf(name: string, value: Node): Node[] {
  const blocks = value.kind === 'list' ? value.items : [value];
  return blocks.map((block) => objectNode([{ name: actionName(name) ?? name, value: block }], block.place));
}

function errorAction(value: Node): Member[] {
  const [block] = value.kind === 'list' ? value.items : [value];
  const given =
    block?.kind === 'object' ? block.members.find(({ name }) => actionName(name) !== undefined) : undefined;
  const [action] = given === undefined ? [] : actionsOf(given.name, given.value);
  return action === undefined ? [] : [{ name: 'errorAction', value: action }];
}

function negated(value: Node): Node {
  if (value.kind !== 'scalar' || value.type === 'null' || value.unresolved !== undefined) return value;
  return { ...value, type: 'boolean', text: String(comparable(value.text) !== 'true') };
}

function textNode(text: string, place: Place): Node {
  return { kind: 'scalar', type: 'string', text, place, parts: [] };
}
