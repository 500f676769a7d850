import {
  type Bindings,
  compile,
  EMPTY_SCOPE,
  NO_BINDINGS,
  parse,
  type Scope,
} from '../../src/core/expression/index.ts';
import { parseJson } from '../../src/core/expression/json.ts';
import { pathReader } from '../../src/core/expression/path-reader.ts';
import { isValue, type Json, type Outcome, type Value } from '../../src/core/expression/value.ts';
import type { World } from './reference-evaluator.ts';

/** A scope in the form of the conformance cases. */
export interface ScopeData {
  readonly variables?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly trigger?: { readonly type: 'Message'; readonly input: string } | { readonly type: 'Timer' };
  readonly expired?: readonly string[];
}

/** The same scope for the compiled code, by index, and for the reference evaluator, by name. */
export function buildScope({ variables = {}, inputs = {}, trigger, expired = [] }: ScopeData): {
  readonly bindings: Bindings;
  newScope(): Scope;
  world(): World;
} {
  const values = new Map(Object.entries(variables).map(([name, text]) => [name, literal(text)]));
  const messages = new Map(
    Object.entries(inputs).flatMap(([name, text]) => (text === '' ? [] : [[name, json(text)]])),
  );
  const [first] = Object.keys(inputs);
  const started = trigger ?? (first === undefined ? { type: 'Timer' } : { type: 'Message', input: first });
  const numbers: string[] = [];
  const held: (() => Outcome)[] = [];
  const timers = [...expired];
  const numberOf = (name: string) =>
    numbers.includes(name) ? numbers.indexOf(name) : numbers.push(name) - 1;
  const bindings: Bindings = {
    input: numberOf,
    attribute: ({ name, path }) => held.push(() => pathReader(path)(messages.get(name))) - 1,
    variable: (name) => held.push(() => values.get(name)) - 1,
    timer: (name) => (timers.includes(name) ? timers.indexOf(name) : timers.push(name) - 1),
    findInput: numberOf,
    findTimer: (name) => (timers.includes(name) ? timers.indexOf(name) : undefined),
  };
  const current = started.type === 'Message' ? started.input : undefined;
  return {
    bindings,
    newScope: () => ({
      at: (place) => held[place]?.(),
      triggerType: started.type as 'Message' | 'Timer',
      currentInput: current === undefined ? -1 : bindings.input(current),
      timeout: (timer) => expired.includes(timers[timer] ?? ''),
    }),
    world: () => ({
      variables: values,
      inputs: messages as ReadonlyMap<string, Json>,
      trigger: current,
      isTimer: started.type === 'Timer',
      expired: new Set(expired),
    }),
  };
}

function literal(text: string): Value {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(`not a literal: ${text}`);
  const value = compile(parsed.node, NO_BINDINGS)(EMPTY_SCOPE);
  if (!isValue(value)) throw new Error(`not a literal: ${text}`);
  return value;
}

function json(text: string): Json {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`not JSON: ${text}`);
  return parsed.value;
}
