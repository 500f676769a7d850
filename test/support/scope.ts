import { type Bindings, compile, parse, type Scope } from '../../src/expression/index.ts';
import { parseJson } from '../../src/expression/json.ts';
import { isValue, type Json, type Value } from '../../src/expression/value.ts';
import type { World } from './reference-evaluator.ts';

/** A scope as the conformance cases write it. */
export interface ScopeData {
  readonly variables?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly trigger?: { readonly type: 'Message'; readonly input: string } | { readonly type: 'Timer' };
  readonly expired?: readonly string[];
}

/** The same scope for the closures, by places, and for the reference evaluator, by names. */
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
  const places = { input: [...Object.keys(inputs)], variable: [...values.keys()], timer: [...expired] };
  const place = (kind: keyof typeof places) => (name: string) => {
    const known = places[kind].indexOf(name);
    return known >= 0 ? known : places[kind].push(name) - 1;
  };
  const current = started.type === 'Message' ? started.input : undefined;
  return {
    bindings: { input: place('input'), variable: place('variable'), timer: place('timer') },
    newScope: () => ({
      variables: places.variable.map((name) => values.get(name)),
      inputs: places.input.map((name) =>
        messages.has(name) ? { value: messages.get(name) as Json } : undefined,
      ),
      triggerType: started.type as 'Message' | 'Timer',
      currentInput: current === undefined ? -1 : places.input.indexOf(current),
      timeout: (timer) => expired.includes(places.timer[timer] ?? ''),
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
  const nothing = { input: () => 0, variable: () => 0, timer: () => 0 };
  const scope: Scope = {
    variables: [],
    inputs: [],
    triggerType: 'Timer',
    currentInput: -1,
    timeout: () => false,
  };
  const value = compile(parsed.node, nothing)(scope);
  if (!isValue(value)) throw new Error(`not a literal: ${text}`);
  return value;
}

function json(text: string): Json {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`not JSON: ${text}`);
  return parsed.value;
}
