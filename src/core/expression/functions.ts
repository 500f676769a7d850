import type { Node } from './ast.ts';
import { bitAnd, bitNot, bitOr, bitXor } from './bits.ts';
import { convert } from './convert.ts';
import type { Operate } from './operators.ts';
import type { Bindings, Evaluate } from './scope.ts';
import { indexOf } from './search.ts';
import type { ValueType } from './value.ts';

/**
 * What an argument may be: a value of the given type, `any` outcome, a `name` (a String), or a `type` (the bare word
 * String, Boolean or Decimal, or an expression that results in one of these names).
 */
export type Parameter = 'String' | 'Integer' | 'any' | 'name' | 'type';

interface Signature {
  readonly takes: readonly Parameter[];
  /** The possible types of the result. */
  readonly gives: readonly ValueType[] | ((args: readonly Node[]) => readonly ValueType[]);
}

/** A function that depends on its arguments only, and is folded when they are constant. */
interface Plain extends Signature {
  readonly call: Operate;
}

/** A function that looks something up in the scope by name. */
interface Asking extends Signature {
  /** Compiles a call with a quoted name, which is resolved at compile time. */
  readonly bind: (name: string, bindings: Bindings) => Evaluate;
  /** Compiles a call with a computed name, which is resolved at each evaluation. */
  readonly resolve: (name: Evaluate, bindings: Bindings) => Evaluate;
}

const BOOLEAN = ['Boolean'] as const;
const INTEGER = ['Integer'] as const;

/** The target types of `convert`. */
export const CONVERTIBLE = ['String', 'Boolean', 'Decimal'] as const;

/** All functions of the language: arguments, result types and behaviour (reference: expressions 7). */
const TABLE = {
  timeout: {
    takes: ['name'],
    gives: BOOLEAN,
    bind: (name, bindings) => {
      const place = bindings.timer(name);
      return (scope) => scope.timeout(place);
    },
    resolve: (name, bindings) => (scope) => {
      const wanted = name(scope);
      if (typeof wanted !== 'string') return undefined;
      const place = bindings.findTimer(wanted);
      if (place !== undefined) return scope.timeout(place);
      scope.unknownTimer?.(wanted);
      return false;
    },
  },
  currentInput: {
    takes: ['name'],
    gives: BOOLEAN,
    bind: (name, bindings) => {
      const place = bindings.input(name);
      return (scope) => scope.currentInput === place;
    },
    resolve: (name, bindings) => (scope) => {
      const wanted = name(scope);
      if (typeof wanted !== 'string') return undefined;
      return scope.currentInput >= 0 && scope.currentInput === bindings.findInput(wanted);
    },
  },
  // The service's own examples use both "Message" and "MESSAGE".
  triggerType: {
    takes: ['name'],
    gives: BOOLEAN,
    bind: (name) => {
      const wanted = name.toLowerCase();
      return (scope) => scope.triggerType.toLowerCase() === wanted;
    },
    resolve: (name) => (scope) => {
      const wanted = name(scope);
      return typeof wanted === 'string'
        ? scope.triggerType.toLowerCase() === wanted.toLowerCase()
        : undefined;
    },
  },
  convert: {
    takes: ['type', 'any'],
    gives: ([type]) => {
      const word = type?.kind === 'literal' ? CONVERTIBLE.find((known) => known === type.value) : undefined;
      return word === undefined ? CONVERTIBLE : [word];
    },
    call: convert,
  },
  isNull: { takes: ['any'], gives: BOOLEAN, call: (argument) => argument === null },
  isUndefined: { takes: ['any'], gives: BOOLEAN, call: (argument) => argument === undefined },
  startsWith: onTexts((text, part) => text.startsWith(part)),
  endsWith: onTexts((text, part) => text.endsWith(part)),
  contains: onTexts((text, part) => indexOf(text, part) >= 0),
  bitor: { takes: ['Integer', 'Integer'], gives: INTEGER, call: bitOr },
  bitand: { takes: ['Integer', 'Integer'], gives: INTEGER, call: bitAnd },
  bitxor: { takes: ['Integer', 'Integer'], gives: INTEGER, call: bitXor },
  bitnot: { takes: ['Integer'], gives: INTEGER, call: bitNot },
} as const satisfies Readonly<Record<string, Plain | Asking>>;

export type FunctionName = keyof typeof TABLE;
export const FUNCTIONS: Readonly<Record<FunctionName, Plain | Asking>> = TABLE;

function onTexts(test: (text: string, part: string) => boolean): Plain {
  return {
    takes: ['String', 'String'],
    gives: BOOLEAN,
    call: (text, part) =>
      typeof text === 'string' && typeof part === 'string' ? test(text, part) : undefined,
  };
}

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}
