import type { Detector } from '../../core/detector/types.ts';
import {
  type Bindings,
  compile,
  type Evaluate,
  type Node,
  type Scope,
  type Step,
} from '../../core/expression/index.ts';
import { comparable, numberOf } from '../../core/expression/numbers.ts';
import { decimal, isValue, type Json, type Outcome, WholeDecimal } from '../../core/expression/value.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { bindingsOf, eventsOf, nodesOf, parsed, placeOf } from './expressions.ts';

/** An input attribute that a model reads. */
export interface Attribute {
  readonly inputName: string;
  readonly path: readonly Step[];
  /** A unique text of input and path. */
  readonly id: string;
}

/** A condition and what it reads, for finding messages that make it true or false. */
export interface ReadCondition {
  readonly attributes: readonly Attribute[];
  readonly comparisons: readonly Comparison[];
}

interface Comparison {
  readonly attributes: readonly Attribute[];
  /** Names of the variables in the comparison. */
  readonly variables: readonly string[];
  readonly left: Evaluate;
  readonly right: Evaluate;
}

/** `undefined` means that the attribute is absent. */
export type Candidate = Json | undefined;

/**
 * Finds values that decide a model's conditions: for each comparison, values close to where its result changes, given
 * the detector's current values.
 */
export class Attributes {
  readonly conditions: readonly ReadCondition[];
  readonly #model: CompiledModel;
  readonly #fixed = new Map<string, Candidate[]>();
  /** For each attribute, the variables that are set from it. */
  readonly #feeds = new Map<string, string[]>();
  /** Variables used as Booleans. */
  readonly #flags = new Set<string>();
  readonly #byInput = new Map<string, Map<string, Attribute>>();
  /** Numbers that variables are compared with, because a message may supply the value that is compared later. */
  readonly #numbers: number[] = [];

  constructor(model: CompiledModel, definition: DetectorModelDefinition) {
    this.#model = model;
    const bindings = bindingsOf(model);
    this.conditions = model.states
      .flatMap(eventsOf)
      .flatMap(({ condition }) => (condition === undefined ? [] : [parsed(condition.text)]))
      .filter((node) => node !== undefined)
      .map((node) => this.#condition(node, bindings));
    for (const text of textsOf(definition)) {
      const node = parsed(text);
      if (node !== undefined) this.#note(node);
    }
    for (const [variable, text] of assignmentsOf(definition)) {
      const node = parsed(text);
      for (const { id } of node === undefined ? [] : attributesIn(node))
        this.#feeds.set(id, [...(this.#feeds.get(id) ?? []), variable]);
    }
    for (const inputName of model.inputs.keys())
      if (!this.#byInput.has(inputName)) this.#byInput.set(inputName, new Map());
  }

  of(inputName: string): readonly Attribute[] {
    return [...(this.#byInput.get(inputName)?.values() ?? [])];
  }

  /** Values for an attribute, the most significant ones first. */
  candidates(attribute: Attribute, detector: Detector | undefined): Candidate[] {
    const found = new Map<string, Candidate>();
    const add = (value: Candidate) => found.set(keyOf(value), value);
    for (const { comparisons } of this.conditions) {
      for (const comparison of comparisons) {
        if (!comparison.attributes.some((each) => each.id === attribute.id)) continue;
        for (const value of this.#valuesNear(comparison, attribute, detector)) add(value);
      }
    }
    for (const variable of this.#feeds.get(attribute.id) ?? [])
      for (const value of this.candidatesOfVariable(variable, detector)) add(value);
    for (const value of this.#fixed.get(attribute.id) ?? []) add(value);
    if (found.size === 0) for (const value of this.#numbers.flatMap(valuesNear)) add(value);
    for (const value of spreadOf(attribute)) add(value);
    return [...found.values()];
  }

  /** Values of a variable close to where the results of conditions change. */
  candidatesOfVariable(variable: string, detector: Detector | undefined): Candidate[] {
    const found = this.conditions.flatMap(({ comparisons }) =>
      comparisons
        .filter(({ variables }) => variables.includes(variable))
        .flatMap((comparison) => this.#valuesNear(comparison, variable, detector)),
    );
    return this.#flags.has(variable) ? [...found, true, false] : found;
  }

  #condition(node: Node, bindings: Bindings): ReadCondition {
    const comparisons = nodesOf(node).flatMap((each): Comparison[] => {
      if (each.kind !== 'binary' || !COMPARING.includes(each.operator)) return [];
      const { left, right } = each;
      const attributes = attributesIn(each);
      if (attributes.length === 0) {
        for (const side of [left, right]) if (side.kind === 'literal') this.#addNumber(side.value);
      }
      const variables = nodesOf(each).flatMap((part) => (part.kind === 'variable' ? [part.name] : []));
      return [{ attributes, variables, left: compile(left, bindings), right: compile(right, bindings) }];
    });
    return { attributes: attributesIn(node), comparisons };
  }

  #addNumber(value: Json): void {
    const number = toNumber(value);
    if (number !== undefined && !this.#numbers.includes(number)) this.#numbers.push(number);
  }

  /** Records the attributes of an expression, and the values that its functions and operators distinguish. */
  #note(root: Node): void {
    for (const attribute of attributesIn(root)) {
      const own = this.#byInput.get(attribute.inputName) ?? new Map<string, Attribute>();
      own.set(attribute.id, attribute);
      this.#byInput.set(attribute.inputName, own);
    }
    for (const node of nodesOf(root)) {
      if (node.kind === 'call') {
        const [subject, part] = node.args;
        if (subject === undefined || subject.kind !== 'input') continue;
        const attribute = attributeOf(subject);
        if (node.name === 'isNull' || node.name === 'isUndefined') this.#fix(attribute, null, undefined);
        if (part?.kind === 'literal' && typeof part.value === 'string')
          this.#fix(attribute, part.value, `${part.value}x`, `x${part.value}`, 'x');
      } else if (node.kind === 'unary' && node.operator === '!') this.#fixBoolean(node.operand);
      else if (node.kind === 'binary' && (node.operator === '&&' || node.operator === '||')) {
        this.#fixBoolean(node.left);
        this.#fixBoolean(node.right);
      } else if (node.kind === 'binary' && node.operator === '+') {
        for (const [side, other] of [
          [node.left, node.right],
          [node.right, node.left],
        ] as const) {
          if (side.kind === 'input' && isText(other)) this.#fix(attributeOf(side), 'x', 'y');
        }
      }
    }
  }

  #fixBoolean(node: Node): void {
    if (node.kind === 'input') this.#fix(attributeOf(node), true, false);
    if (node.kind === 'variable') this.#flags.add(node.name);
  }

  #fix(attribute: Attribute, ...values: Candidate[]): void {
    const name = attribute.id;
    this.#fixed.set(name, [...(this.#fixed.get(name) ?? []), ...values]);
  }

  /**
   * Values of an attribute or variable close to where a comparison changes. Assumes that the difference of the sides is
   * linear.
   */
  #valuesNear(
    { left, right }: Comparison,
    unknown: Attribute | string,
    detector: Detector | undefined,
  ): Candidate[] {
    const at = (value: Json) => {
      const scope =
        typeof unknown === 'string'
          ? scopeWithVariable(this.#model, detector, unknown, value)
          : scopeWith(this.#model, detector, unknown, value);
      return [left(scope), right(scope)] as const;
    };
    const [atZero, atOne] = [difference(at(new WholeDecimal(0))), difference(at(new WholeDecimal(1)))];
    if (atZero !== undefined && atOne !== undefined && atZero !== atOne) {
      const root = -atZero / (atOne - atZero);
      return Number.isFinite(root) ? valuesNear(Math.round(root * 1e6) / 1e6) : [];
    }
    // A String or Boolean either equals the other side or not.
    const marked = at(MARK);
    const other = marked.find((side) => side !== MARK);
    if (typeof other === 'string') return [other, `${other}x`];
    return typeof other === 'boolean' ? [other, !other] : [];
  }
}

/** Whether the node certainly evaluates to a String. */
function isText(node: Node): boolean {
  if (node.kind === 'literal') return typeof node.value === 'string';
  if (node.kind === 'binary') return node.operator === '+' && (isText(node.left) || isText(node.right));
  return node.kind === 'template';
}

const COMPARING: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];
const MARK = '\u0001';
/** For attributes without comparisons: far enough apart to serve as the ends of ranges. */
const DEFAULTS: readonly Candidate[] = [1, 2, 10, 50, 100];

/** Guesses from its name which end of a range an attribute is, because a model whose ends are swapped does little. */
function spreadOf({ path }: Attribute): readonly Candidate[] {
  const name = String(path.at(-1));
  if (/high|max|upper/i.test(name)) return [100, 50];
  return /low|min|lower/i.test(name) ? [1, 2] : DEFAULTS;
}

function valuesNear(number: number): Candidate[] {
  const near = (value: number) => decimal(Math.round(value * 1e6) / 1e6);
  if (Number.isInteger(number))
    return [number, number + 1, number - 1, near(number + 0.01), near(number - 0.01)];
  return [number, near(number + 0.01), near(number - 0.01), near(number + 1), near(number - 1)];
}

function attributesIn(root: Node): Attribute[] {
  const found = new Map<string, Attribute>();
  for (const node of nodesOf(root)) {
    if (node.kind !== 'input' || node.path.length === 0) continue;
    const attribute = attributeOf(node);
    found.set(attribute.id, attribute);
  }
  return [...found.values()];
}

/** All texts of a definition that may be expressions. */
function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(textsOf) : [];
}

function attributeOf({ name, path }: { readonly name: string; readonly path: readonly Step[] }): Attribute {
  return { inputName: name, path, id: JSON.stringify([name, ...path]) };
}

function keyOf(value: Candidate): string {
  return value instanceof WholeDecimal ? `${value.value}.0` : `${typeof value} ${String(value)}`;
}

function difference([left, right]: readonly [Outcome, Outcome]): number | undefined {
  const [a, b] = [toNumber(left), toNumber(right)];
  return a === undefined || b === undefined ? undefined : a - b;
}

function toNumber(value: Outcome): number | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : Number(comparable(number));
}

/** What a detector sees after a message with that value of the attribute. */
function scopeWith(
  model: CompiledModel,
  detector: Detector | undefined,
  attribute: Attribute,
  value: Json,
): Scope {
  const place = placeOf(model, attribute.inputName, attribute.path);
  return {
    at: (wanted) => (wanted === place ? value : detector?.at(wanted)),
    triggerType: 'Message',
    currentInput: model.inputs.get(attribute.inputName) ?? -1,
    timeout: () => false,
  };
}

/** Returns the object with the value at the given path; `undefined` removes the last member. */
export function withValue(object: JsonObject, path: readonly Step[], value: Candidate): JsonObject {
  return put(object, path, value) as JsonObject;
}

function put(into: Json | undefined, path: readonly Step[], value: Candidate): Candidate {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (typeof first === 'number') {
    const items = Array.isArray(into) ? [...into] : [];
    while (items.length <= first) items.push(null);
    items[first] = put(items[first], rest, value) ?? null;
    return items;
  }
  const { [first]: inner, ...others } = isObject(into) ? into : {};
  const changed = put(inner, rest, value);
  return changed === undefined ? others : { ...others, [first]: changed };
}

/** What a detector sees when the variable has that value. */
function scopeWithVariable(
  model: CompiledModel,
  detector: Detector | undefined,
  name: string,
  value: Json,
): Scope {
  const place = model.variables.get(name) ?? -1;
  const held = isValue(value) ? value : undefined;
  return {
    at: (wanted) => (wanted === place ? held : detector?.at(wanted)),
    triggerType: 'Message',
    currentInput: -1,
    timeout: () => false,
  };
}

/** All variables with the source of each assigned value. */
function assignmentsOf({ states }: DetectorModelDefinition): [variable: string, text: string][] {
  return states.flatMap(({ onEnter, onInput, onExit }) => {
    const events = [onEnter?.events, onInput?.events, onInput?.transitionEvents, onExit?.events];
    return events.flatMap((group) =>
      (group ?? []).flatMap(({ actions = [] }) =>
        actions.flatMap(({ setVariable }): [string, string][] =>
          setVariable ? [[setVariable.variableName, setVariable.value]] : [],
        ),
      ),
    );
  });
}
