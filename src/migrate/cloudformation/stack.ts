import { made, replaceIn, usedAt, withUnresolved } from '../compose.ts';
import {
  memberOf,
  type Node,
  type ObjectNode,
  objectNode,
  type Place,
  type ScalarNode,
  type Source,
  stringNode,
  textOf,
} from '../node.ts';
import type { ImportOptions } from '../options.ts';
import { own } from '../own.ts';
import { referenceNode } from '../unresolved.ts';
import { arnOf, type Environment, pseudoParameter } from './aws.ts';
import { evaluateCondition, type Outcome } from './conditions.ts';
import { EXTENSIONS, INTRINSICS } from './functions.ts';
import { OUR_TYPES } from './kinds.ts';
import { type Parameter, readParameter } from './parameters.ts';
import { TARGET_TYPES } from './targets.ts';

/** What a stack needs from the import it is part of. */
export interface StackRun {
  readonly options: ImportOptions;
  /** The value of an export of any stack of the import. */
  readonly exported: (name: string) => Node | undefined;
  /** The template of a nested stack, if it is stored next to its parent. */
  readonly nested: (parent: Stack, logicalId: string) => Stack | undefined;
  readonly misuse: (parameter: Parameter, logicalName: string) => void;
}

/** A condition that is unknown and assumed to be true, or a macro next to other members of an object. */
export interface Assumption {
  /** Absent for a macro. */
  readonly condition?: string;
  readonly reference: string;
  readonly place: Place;
}

/** A template with the values of its parameters. Resolves all intrinsic functions. */
export class Stack {
  readonly source: Source;
  readonly template: ObjectNode;
  readonly environment: Environment;
  readonly hasExtensions: boolean;
  /** The assumptions made so far. Callers remove those they have reported. */
  readonly assumptions: Assumption[] = [];
  readonly #run: StackRun;
  readonly #passed: ReadonlyMap<string, Node>;
  readonly #parameters = new Map<string, Node>();
  readonly #conditions = new Map<string, Outcome>();
  readonly #children = new Map<string, Stack | undefined>();
  /** What is being resolved at the moment, to detect circular references. */
  readonly #busy = new Set<string>();

  constructor(
    run: StackRun,
    source: Source,
    template: ObjectNode,
    environment: Environment,
    passed: ReadonlyMap<string, Node> = new Map(),
  ) {
    this.#run = run;
    this.source = source;
    this.template = template;
    this.environment = environment;
    this.#passed = passed;
    const transform = memberOf(template, 'Transform');
    const transforms = transform?.kind === 'list' ? transform.items : [transform];
    this.hasExtensions = transforms.some((each) => textOf(each) === 'AWS::LanguageExtensions');
  }

  resourceOf(logicalId: string): ObjectNode | undefined {
    const resource = memberOf(memberOf(this.template, 'Resources'), logicalId);
    return resource?.kind === 'object' ? resource : undefined;
  }

  /** Returns the node without functions; undefined if `AWS::NoValue` removes it. */
  resolve(node: Node): Node | undefined {
    if (node.kind === 'scalar') return this.#dynamic(node);
    if (node.kind === 'list') {
      return { ...node, items: node.items.flatMap((item) => this.resolve(item) ?? []) };
    }
    const [only] = node.members;
    if (only !== undefined && node.members.length === 1) {
      const { name, value } = only;
      const intrinsic = own(INTRINSICS, name) ?? (this.hasExtensions ? own(EXTENSIONS, name) : undefined);
      if (intrinsic !== undefined) return intrinsic(this, value, node.place);
      if (name.startsWith('Fn::')) return this.unresolved(name, node.place);
    }
    const members = node.members.flatMap(({ name, value }) => {
      if (name === 'Fn::Transform') {
        this.assumptions.push({ reference: name, place: value.place });
        return [];
      }
      const resolved = this.resolve(value);
      return resolved === undefined ? [] : [{ name, value: resolved }];
    });
    return objectNode(members, node.place);
  }

  unresolved(reference: string, place: Place): ScalarNode {
    return referenceNode(reference, place, this.#run.options.resolve);
  }

  /** The result of `Ref`. */
  reference(name: string, place: Place): Node {
    const pseudo = pseudoParameter(name, this.environment);
    if (pseudo !== undefined) return made(pseudo, place);
    const parameter = this.#parameter(name);
    if (parameter !== undefined) return usedAt(parameter, place);
    return this.#known(name, place, name, (resource, type) => {
      if (own(OUR_TYPES, type) !== undefined) return this.#ownName(name, resource, place);
      const target = own(TARGET_TYPES, type);
      const given = this.#givenName(resource, target?.nameProperty);
      if (target === undefined || given === undefined) return undefined;
      return withUnresolved(made(target.ref(given.text, this.environment), place), given.unresolved ?? []);
    });
  }

  /** The result of `Fn::GetAtt`. */
  attribute(logicalId: string, attribute: string, place: Place): Node {
    return this.#known(`${logicalId}.${attribute}`, place, logicalId, (resource, type) => {
      const output = /^Outputs\.(.+)$/.exec(attribute)?.[1];
      if (output !== undefined) {
        const value = this.child(logicalId)?.output(output);
        return value && usedAt(value, place);
      }
      if (type === 'AWS::IoT::TopicRule' && attribute === 'Arn') {
        const name = this.#ownName(logicalId, resource, place);
        return withUnresolved(
          made(arnOf(this.environment, 'iot', `rule/${name.text}`), place),
          name.unresolved ?? [],
        );
      }
      const target = own(TARGET_TYPES, type);
      const make = target && own(target.attributes, attribute);
      const given = this.#givenName(resource, target?.nameProperty);
      if (make === undefined || given === undefined) return undefined;
      const path = this.#givenName(resource, 'Path');
      const text = make(given.text, this.environment, path?.text ?? '/');
      return withUnresolved(made(text, place), [...(given.unresolved ?? []), ...(path?.unresolved ?? [])]);
    });
  }

  imported(name: string, place: Place): Node {
    const value = this.#once(`import ${name}`, () => this.#run.exported(name));
    return value === undefined ? this.unresolved(`Fn::ImportValue:${name}`, place) : usedAt(value, place);
  }

  mapped(keys: readonly (string | undefined)[]): Node | undefined {
    let at: Node | undefined = memberOf(this.template, 'Mappings');
    for (const key of keys) at = key === undefined ? undefined : memberOf(at, key);
    return keys.length === 3 ? at : undefined;
  }

  /** Whether the condition holds. An unknown condition is assumed to be true, and the assumption is recorded. */
  isTrue(name: string, place: Place): boolean {
    const { holds, references } = this.#condition(name);
    if (holds !== undefined) return holds;
    for (const reference of new Set(references)) this.assumptions.push({ condition: name, reference, place });
    return true;
  }

  /** False if the resource has a condition that does not hold. */
  exists(resource: ObjectNode): boolean {
    const condition = textOf(memberOf(resource, 'Condition'));
    return condition === undefined || this.#condition(condition).holds !== false;
  }

  output(name: string): Node | undefined {
    const output = memberOf(memberOf(this.template, 'Outputs'), name);
    const value = memberOf(output, 'Value');
    if (output?.kind !== 'object' || value === undefined || !this.exists(output)) return undefined;
    return this.#once(`output ${name}`, () => this.resolve(value));
  }

  /** Reports parameters whose values are not allowed, including unused ones. */
  checkParameters(): void {
    const parameters = memberOf(this.template, 'Parameters');
    for (const { name } of parameters?.kind === 'object' ? parameters.members : []) this.#parameter(name);
  }

  /** The value that the stack exports under a name. */
  exported(name: string): Node | undefined {
    const outputs = memberOf(this.template, 'Outputs');
    for (const { name: outputName, value } of outputs?.kind === 'object' ? outputs.members : []) {
      const given = memberOf(memberOf(value, 'Export'), 'Name');
      if (given !== undefined && textOf(this.resolve(given)) === name) return this.output(outputName);
    }
    return undefined;
  }

  /** The nested stack with that logical id, if its template is available. */
  child(logicalId: string): Stack | undefined {
    if (!this.#children.has(logicalId)) this.#children.set(logicalId, this.#run.nested(this, logicalId));
    return this.#children.get(logicalId);
  }

  /** A value of an existing resource, or an unresolved reference. */
  #known(
    reference: string,
    place: Place,
    logicalId: string,
    find: (resource: ObjectNode, type: string) => Node | undefined,
  ): Node {
    const resource = this.resourceOf(logicalId);
    const value =
      resource !== undefined && this.exists(resource)
        ? this.#once(reference, () => find(resource, textOf(memberOf(resource, 'Type')) ?? ''))
        : undefined;
    return value ?? this.unresolved(reference, place);
  }

  #ownName(logicalId: string, resource: ObjectNode, place: Place): ScalarNode {
    const ours = own(OUR_TYPES, textOf(memberOf(resource, 'Type')) ?? '');
    const given = this.#givenName(resource, ours?.nameProperty);
    const text = given?.text ?? logicalId;
    return withUnresolved(made(text, place), given?.unresolved ?? []);
  }

  #givenName(resource: ObjectNode, property: string | undefined): ScalarNode | undefined {
    const given = property === undefined ? undefined : memberOf(memberOf(resource, 'Properties'), property);
    const name = given && this.resolve(given);
    return name?.kind === 'scalar' && name.type !== 'null' ? name : undefined;
  }

  #parameter(name: string): Node | undefined {
    const known = this.#parameters.get(name);
    if (known !== undefined) return known;
    const declaration = memberOf(memberOf(this.template, 'Parameters'), name);
    if (declaration === undefined) return undefined;
    const given =
      this.#passed.get(name) ?? supplied(this.#run.options.parameters?.get(name), declaration.place);
    const parameter = readParameter(declaration, given);
    this.#run.misuse(parameter, name);
    const value = parameter.value ?? this.unresolved(name, declaration.place);
    this.#parameters.set(name, value);
    return value;
  }

  #condition(name: string): Outcome {
    const known = this.#conditions.get(name);
    if (known !== undefined) return known;
    const condition = memberOf(memberOf(this.template, 'Conditions'), name);
    const scope = {
      named: (other: string) => this.#condition(other),
      resolve: (node: Node) => this.resolve(node),
    };
    const outcome = condition && this.#once(`condition ${name}`, () => evaluateCondition(condition, scope));
    const result = outcome ?? { holds: undefined, references: [name] };
    this.#conditions.set(name, result);
    return result;
  }

  /** Dynamic references to parameter stores stay unresolved, each separately. */
  #dynamic(node: ScalarNode): ScalarNode {
    if (node.type !== 'string' || !node.text.includes('{{resolve:')) return node;
    return replaceIn(node, /\{\{(resolve:[^{}]*)\}\}/g, (match, whole) =>
      this.unresolved(match[1] ?? '', whole.place),
    );
  }

  /** Returns undefined if the same value is already being computed. */
  #once<T>(what: string, compute: () => T | undefined): T | undefined {
    if (this.#busy.has(what)) return undefined;
    this.#busy.add(what);
    try {
      return compute();
    } finally {
      this.#busy.delete(what);
    }
  }
}

function supplied(value: string | undefined, place: Place): Node | undefined {
  return value === undefined ? undefined : stringNode(value, place);
}
