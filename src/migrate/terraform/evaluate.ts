import { type Environment, partitionOf, urlSuffixOf } from '../cloudformation/aws.ts';
import type { Assumption } from '../cloudformation/stack.ts';
import { concat, made, TooLarge, unresolvedIn, usedAt, withUnresolved } from '../compose.ts';
import {
  type Block,
  type Body,
  type Expression,
  type Template,
  type Traversal,
  writtenText,
} from '../hcl/ast.ts';
import { HclError } from '../hcl/cursor.ts';
import { parseExpression } from '../hcl/parser.ts';
import {
  type Member,
  memberOf,
  type Node,
  type ObjectNode,
  objectNode,
  type Place,
  type ScalarNode,
  stringNode,
  textOf,
} from '../node.ts';
import type { ImportOptions } from '../options.ts';
import { own } from '../own.ts';
import { referenceNode } from '../unresolved.ts';
import { FUNCTIONS, KEEPS_UNRESOLVED } from './functions.ts';
import { attributeOf, MARKED_RULES, type Module, type ResourceBlock } from './module.ts';
import { OWN_NAMES, TERRAFORM_TARGETS } from './targets.ts';
import { convertTo, isEqual, isUnresolved, numberText } from './values.ts';

/**
 * The maximum number of evaluations for one file: locals that use other locals twice double the work with every step.
 */
const MOST_EVALUATIONS = 1_000_000;

/** Evaluates the expressions of a module. An unknown value is represented by its source text. */
export class Evaluator {
  readonly #module: Module;
  readonly #environment: Environment;
  readonly #options: ImportOptions;
  /** Conditions that are unknown and assumed to be true. Callers remove those they have reported. */
  readonly assumptions: Assumption[] = [];
  /** What is being evaluated at the moment, to detect circular references. */
  readonly #busy = new Set<string>();

  #evaluations = 0;

  constructor(module: Module, environment: Environment, options: ImportOptions) {
    this.#module = module;
    this.#environment = environment;
    this.#options = options;
  }

  /** Throws TooLarge. */
  evaluate(expression: Expression): Node {
    if (++this.#evaluations > MOST_EVALUATIONS) throw new TooLarge();
    const { place } = expression;
    switch (expression.kind) {
      case 'number':
        return { kind: 'scalar', type: 'number', text: numberText(expression.text), place, parts: [] };
      case 'boolean':
      case 'null':
        return { kind: 'scalar', type: expression.kind, text: expression.text, place };
      case 'template':
        return this.#template(expression);
      case 'tuple':
        return {
          kind: 'list',
          items: expression.items.map((item) => this.evaluate(item)),
          place,
          ...(expression.blocks && { blocks: true }),
        };
      case 'object':
        return objectNode(
          expression.members.flatMap(({ key, value }) => this.#member(key, value)),
          place,
        );
      case 'traversal':
        return this.#traversal(expression);
      case 'call':
        return this.#call(expression.name, expression.args, place);
      case 'conditional': {
        const condition = this.evaluate(expression.condition);
        for (const reference of new Set(unresolvedIn(condition))) {
          this.assumptions.push({ condition: writtenText(expression.condition.place), reference, place });
        }
        const holds = isUnresolved(condition) || textOf(condition) === 'true';
        return this.evaluate(holds ? expression.whenTrue : expression.whenFalse);
      }
      case 'binary':
        return this.#binary(
          expression.operator,
          this.evaluate(expression.left),
          this.evaluate(expression.right),
          place,
        );
      case 'unary':
        return this.#unary(expression.operator, this.evaluate(expression.operand), place);
      case 'other':
        return this.#unknown(place);
    }
  }

  /** Converts a body to an object. Nested blocks of one type become a list, which may stand for a single object. */
  body({ items, place }: Body, leaveOut: ReadonlySet<string> = new Set()): ObjectNode {
    const members = new Map<string, Member>();
    for (const item of items) {
      const name = item.kind === 'attribute' ? item.name : item.type;
      if (leaveOut.has(name)) continue;
      if (item.kind === 'attribute') members.set(name, { name, value: this.evaluate(item.value) });
      else members.set(name, { name, value: this.#appended(members.get(name)?.value, item) });
    }
    return objectNode([...members.values()], place);
  }

  /** Whether to import a topic rule that does not send to an input. */
  isMarked(label: string): boolean {
    const local = this.#module.locals.get(MARKED_RULES);
    const marked = local && this.evaluate(local);
    return marked?.kind === 'list' && marked.items.some((item) => textOf(item) === label);
  }

  /** Evaluates an argument of a resource. */
  argument({ body }: Block, name: string): Node | undefined {
    const attribute = attributeOf(body, name);
    return attribute && this.evaluate(attribute.value);
  }

  #appended(before: Node | undefined, block: Block): Node {
    const value = this.body(block.body);
    const items = before?.kind === 'list' ? [...before.items, value] : [value];
    return { kind: 'list', items, place: before?.place ?? block.place, blocks: true };
  }

  #member(key: Expression, value: Expression): Member[] {
    const name = textOf(this.evaluate(key));
    return name === undefined ? [] : [{ name, value: this.evaluate(value) }];
  }

  #template({ parts, place }: Template): Node {
    const [only] = parts;
    // A template that consists of one interpolation is its value, with its type.
    if (only?.kind === 'interpolation' && parts.length === 1) return this.evaluate(only.value);
    const texts = parts.map((part): ScalarNode => {
      if (part.kind === 'text') return stringNode(part.text, part.place);
      const value = this.evaluate(part.value);
      return value.kind === 'scalar' && value.type !== 'null' ? value : this.#unknown(part.value.place);
    });
    const text = concat(texts, place);
    return parts.length === 1 && only !== undefined
      ? { ...text, parts: [stringNode(text.text, only.place)] }
      : text;
  }

  #call(name: string, args: readonly Expression[], place: Place): Node {
    const known = own(FUNCTIONS, name);
    if (known === undefined) return this.#unknown(place);
    const values = args.map((each) => this.evaluate(each));
    const unknown = KEEPS_UNRESOLVED.has(name) ? undefined : values.find(isUnresolved);
    return unknown ?? known(values, place) ?? values.find(isUnresolved) ?? this.#unknown(place);
  }

  #binary(operator: string, left: Node, right: Node, place: Place): Node {
    const boolean = (value: boolean): Node => ({
      kind: 'scalar',
      type: 'boolean',
      text: String(value),
      place,
      parts: [],
    });
    const unknown = [left, right].find(isUnresolved);
    if (operator === '&&' || operator === '||') {
      const decisive = operator === '||';
      const known = [left, right]
        .filter((each) => !isUnresolved(each))
        .map((each) => textOf(each) === 'true');
      if (known.includes(decisive)) return boolean(decisive);
      return unknown ?? boolean(!decisive);
    }
    if (operator !== '==' && operator !== '!=') return this.#unknown(place);
    return unknown ?? boolean(isEqual(left, right) === (operator === '=='));
  }

  #unary(operator: string, operand: Node, place: Place): Node {
    if (isUnresolved(operand)) return operand;
    const text = textOf(operand);
    if (operator === '!' && (text === 'true' || text === 'false')) {
      return { kind: 'scalar', type: 'boolean', text: String(text !== 'true'), place, parts: [] };
    }
    const isNumber = operator === '-' && operand.kind === 'scalar' && operand.type === 'number';
    if (!isNumber || text === undefined) return this.#unknown(place);
    const negative = text.startsWith('-') ? text.slice(1) : text === '0' ? text : `-${text}`;
    return { kind: 'scalar', type: 'number', text: negative, place, parts: [] };
  }

  #traversal(traversal: Traversal): Node {
    const { root, steps, place } = traversal;
    if (typeof root !== 'string') return this.#steps(this.evaluate(root), steps, place);
    const [first, second, ...rest] = steps;
    const found = typeof first === 'string' ? this.#rooted(root, first, second, rest, place) : undefined;
    if (found === undefined) return this.#unknown(place);
    return this.#steps(found.value, found.steps, place);
  }

  /** The value of a traversal's root, and the remaining steps. */
  #rooted(
    root: string,
    first: string,
    second: string | Expression | undefined,
    rest: readonly (string | Expression)[],
    place: Place,
  ): { readonly value: Node; readonly steps: readonly (string | Expression)[] } | undefined {
    const beyond = second === undefined ? [] : [second, ...rest];
    if (root === 'var') {
      const value = this.#variable(first, place);
      return value && { value, steps: beyond };
    }
    if (root === 'local') {
      const local = this.#module.locals.get(first);
      const value = local && this.#once(`local ${first}`, () => this.evaluate(local));
      return value && { value: usedAt(value, place), steps: beyond };
    }
    if (root === 'data') {
      const [attribute] = rest;
      const value = typeof attribute === 'string' ? this.#data(first, attribute, place) : undefined;
      return value && { value, steps: [] };
    }
    if (root === 'count' && first === 'index') {
      return { value: { kind: 'scalar', type: 'number', text: '0', place, parts: [] }, steps: beyond };
    }
    const resource = this.#module.resources.get(`${root}.${first}`);
    if (resource === undefined) return undefined;
    // With `count`, a resource is a list.
    const [attribute, ...steps] = typeof second === 'string' && !/^\d+$/.test(second) ? beyond : rest;
    const value = typeof attribute === 'string' ? this.#attribute(resource, attribute, place) : undefined;
    return value && { value, steps };
  }

  #steps(start: Node, steps: readonly (string | Expression)[], place: Place): Node {
    let at = start;
    for (const step of steps) {
      if (isUnresolved(at)) return at.kind === 'scalar' ? at : this.#unknown(place);
      const key = typeof step === 'string' ? step : textOf(this.evaluate(step));
      const next =
        at.kind === 'list' ? at.items[Number(key)] : key === undefined ? undefined : memberOf(at, key);
      if (next === undefined) return this.#unknown(place);
      at = next;
    }
    return at;
  }

  #variable(name: string, place: Place): Node | undefined {
    const block = this.#module.variables.get(name);
    if (block === undefined) return undefined;
    const type = attributeOf(block.body, 'type')?.value.place;
    const typeText = type === undefined ? 'any' : writtenText(type).replaceAll('"', '');
    const supplied = this.#options.parameters?.get(name);
    const given = attributeOf(block.body, 'default')?.value;
    const value =
      supplied === undefined ? given && this.evaluate(given) : this.#supplied(supplied, typeText, place);
    return value && usedAt(convertTo(typeText, value), place);
  }

  /** Values of structured types are given as expressions, as on Terraform's own command line. */
  #supplied(text: string, type: string, place: Place): Node {
    if (/^(string|number|bool|any)$/.test(type)) return made(text, place);
    try {
      return this.evaluate(parseExpression({ path: '--parameter', text }));
    } catch (error) {
      if (error instanceof HclError) return made(text, place);
      throw error;
    }
  }

  #attribute({ type, label, block }: ResourceBlock, attribute: string, place: Place): Node | undefined {
    const count = this.argument(block, 'count');
    if (count !== undefined && textOf(count) === '0') return undefined;
    const given = this.#once(`${type}.${label}.${attribute}`, () => this.argument(block, attribute));
    if (given !== undefined && !(given.kind === 'scalar' && given.type === 'null'))
      return usedAt(given, place);
    const target = own(TERRAFORM_TARGETS, type);
    if (target === undefined) return undefined;
    const named = this.argument(block, target.nameArgument);
    const name = textOf(named) ?? (OWN_NAMES.has(type) ? label : undefined);
    const make =
      attribute === target.nameArgument ? (text: string) => text : own(target.attributes, attribute);
    if (name === undefined || make === undefined) return undefined;
    const path = textOf(this.argument(block, 'path')) ?? '/';
    return withUnresolved(made(make(name, this.#environment, path), place), named ? unresolvedIn(named) : []);
  }

  #data(type: string, attribute: string, place: Place): Node | undefined {
    const { region, accountId } = this.#environment;
    const known: Readonly<Record<string, string>> = {
      'aws_region.name': region,
      'aws_region.region': region,
      'aws_region.id': region,
      'aws_caller_identity.account_id': accountId,
      'aws_caller_identity.id': accountId,
      'aws_partition.partition': partitionOf(region),
      'aws_partition.dns_suffix': urlSuffixOf(region),
    };
    const text = known[`${type}.${attribute}`];
    return text === undefined ? undefined : made(text, place);
  }

  #unknown(place: Place): ScalarNode {
    return referenceNode(writtenText(place), place, this.#options.resolve);
  }

  #once<T>(what: string, compute: () => T): T | undefined {
    if (this.#busy.has(what)) return undefined;
    this.#busy.add(what);
    try {
      return compute();
    } finally {
      this.#busy.delete(what);
    }
  }
}
