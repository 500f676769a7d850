import type { Limits } from '../../limits.ts';
import {
  type Bindings,
  compile,
  type Dependency,
  type Evaluate,
  type Explain,
  explain,
  type Node,
  parse,
  references,
  type SitewiseReference,
  type Step,
} from '../expression/index.ts';
import type { Value } from '../expression/value.ts';
import { ACTION_FIELDS, looksLikeExpression, readField } from './action-fields.ts';
import { AttributeAllotment } from './attributes.ts';
import type { CompiledExternalAction, CompiledPayload, CompiledText, Places } from './compiled.ts';
import type { Action, ExternalActionType, Payload } from './definition.ts';

/** `path` is relative to the definition: `states[0].onInput.events[1].actions[0]` (reference: analysis 2). */
export interface CompileProblem {
  readonly path: string;
  readonly message: string;
}

/** Allots each name a place on first use: the next index in a list that may be shared. */
class Allotment implements Places {
  readonly names: string[];
  readonly places = new Map<string, number>();

  constructor(names: string[]) {
    this.names = names;
  }

  place(name: string): number {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    this.places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/** The references that one kind of model allows. */
export interface Dialect {
  /** Returns why a reference is not allowed; undefined when it is. */
  refuses(reference: Dependency): string | undefined;
  /** The place of a SiteWise property reference. */
  sitewise(reference: SitewiseReference): number;
}

/** Compiles the expressions and external actions of one model, allotting places to everything they refer to. */
export class ExpressionCompiler {
  readonly problems: CompileProblem[] = [];
  /** Names of variables and attributes, by place. */
  readonly placeNames: string[] = [];
  readonly inputs = new Allotment([]);
  readonly attributes = new AttributeAllotment(this.placeNames);
  readonly variables = new Allotment(this.placeNames);
  readonly timers = new Allotment([]);
  readonly #limits: Limits;
  readonly #bindings: Bindings;
  readonly #dialect: Dialect;

  constructor(limits: Limits, dialect: Dialect) {
    this.#limits = limits;
    this.#dialect = dialect;
    this.#bindings = {
      input: (name) => this.input(name),
      attribute: ({ name, path }) => this.attribute(name, path),
      variable: (name) => this.variables.place(name),
      timer: (name) => this.timers.place(name),
      findInput: (name) => this.inputs.places.get(name),
      findTimer: (name) => this.timers.places.get(name),
      sitewise: (reference) => dialect.sitewise(reference),
    };
  }

  /** The number of an input, allotted on first use. */
  input(name: string): number {
    const input = this.inputs.place(name);
    this.attributes.byInput[input] ??= [];
    return input;
  }

  attribute(inputName: string, path: readonly Step[]): number {
    return this.attributes.place(this.input(inputName), inputName, path);
  }

  external(type: ExternalActionType, action: Action, path: string): CompiledExternalAction {
    const parameters = action[type] ?? {};
    const literals: Record<string, Value> = {};
    const expressions: { name: string; evaluate: Evaluate }[] = [];
    for (const { name, mode } of ACTION_FIELDS[type]) {
      const text = readField(parameters as NonNullable<Action[ExternalActionType]>, name);
      if (text === undefined) continue;
      if (
        typeof text !== 'string' ||
        mode === 'literal' ||
        (mode === 'topic' && this.#isLiteralTopic(text))
      ) {
        literals[name] = text;
      } else {
        expressions.push({ name, evaluate: this.expression(text, path, name) });
      }
    }
    const payload = 'payload' in parameters ? parameters.payload : undefined;
    return {
      kind: 'external',
      place: path,
      type,
      literals,
      expressions,
      payload: this.payload(payload, path),
    };
  }

  /** Compiles a text that may be an expression, such as an MQTT topic (reference: questions Q-TOPICFALLBACK). */
  text(text: string, path: string, field: string): CompiledText {
    return this.#isLiteralTopic(text) ? text : this.expression(text, path, field);
  }

  compile(node: Node): Evaluate {
    return compile(node, this.#bindings);
  }

  explain(text: string, node: Node): Explain {
    return explain(text, node, this.#bindings);
  }

  #isLiteralTopic(text: string): boolean {
    return !looksLikeExpression(text) || !parse(text, this.#limits).ok;
  }

  payload(payload: Payload | undefined, path: string): CompiledPayload | undefined {
    if (payload === undefined) return undefined;
    const { type, contentExpression: text } = payload;
    return { type, text, evaluate: this.expression(text, path, 'contentExpression') };
  }

  expression(text: string, path: string, field: string): Evaluate {
    const node = this.parse(text, path, field);
    return node === undefined ? () => undefined : compile(node, this.#bindings);
  }

  /** Parses and checks the references. On failure records a problem and returns undefined. */
  parse(text: string, path: string, field: string): Node | undefined {
    const result = parse(text, this.#limits);
    if (!result.ok) {
      this.problems.push({ path, message: `${field}: ${result.error.message}` });
      return undefined;
    }
    for (const reference of references(result.node)) {
      const refusal = this.#dialect.refuses(reference);
      if (refusal === undefined) continue;
      this.problems.push({ path, message: `${field}: ${refusal}` });
      return undefined;
    }
    return result.node;
  }
}
