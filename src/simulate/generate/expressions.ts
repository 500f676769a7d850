import {
  type Bindings,
  compile,
  type Evaluate,
  type Node,
  parse,
  type Step,
  visit,
} from '../../core/expression/index.ts';
import { attributeName } from '../../core/model/attributes.ts';
import type { CompiledEvent, CompiledModel, CompiledState } from '../../core/model/compiled.ts';

/** Looks up the places allotted in a compiled model. */
export function bindingsOf(model: CompiledModel): Bindings {
  return {
    input: (name) => model.inputs.get(name) ?? NOWHERE,
    attribute: ({ name, path }) => placeOf(model, name, path),
    variable: (name) => model.variables.get(name) ?? NOWHERE,
    timer: (name) => model.timers.places.get(name) ?? NOWHERE,
    findInput: (name) => model.inputs.get(name),
    findTimer: (name) => model.timers.places.get(name),
  };
}

const NOWHERE = -1;

/** The place of an attribute that the model reads. */
export function placeOf(model: CompiledModel, inputName: string, path: readonly Step[]): number {
  return model.attributePlaces.get(attributeName(inputName, path)) ?? NOWHERE;
}

export function parsed(text: string): Node | undefined {
  const result = parse(text);
  return result.ok ? result.node : undefined;
}

/** Compiles a condition against an already compiled model; undefined when it does not parse. */
export function compileText(model: CompiledModel, text: string): Evaluate | undefined {
  const node = parsed(text);
  return node && compile(node, bindingsOf(model));
}

/** All events and transitions of a state, in the order of their groups. */
export function eventsOf({ onEnter, onInput, transitions, onExit }: CompiledState): readonly CompiledEvent[] {
  return [...onEnter, ...onInput, ...transitions, ...onExit];
}

/** All nodes of an expression. */
export function nodesOf(node: Node): Node[] {
  const nodes: Node[] = [];
  visit(node, (each) => nodes.push(each));
  return nodes;
}
