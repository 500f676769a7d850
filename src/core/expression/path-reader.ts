import type { Step } from './ast.ts';
import { isArray } from './json.ts';
import { type Json, type Outcome, WholeDecimal } from './value.ts';

/** Follows a reference's path into a payload; undefined where it leads nowhere. */
export type Read = (payload: Outcome) => Outcome;

/** Only an object's own members and an array's own elements are to be seen (reference: expressions 6). */
export function pathReader(path: readonly Step[]): Read {
  const [first, second, ...others] = path.map(readStep);
  if (first === undefined) return (payload) => payload;
  if (second === undefined) return first;
  if (others.length === 0) return (payload) => second(first(payload));
  return (payload) => {
    let at = second(first(payload));
    for (const read of others) at = read(at);
    return at;
  };
}

function readStep(step: Step): Read {
  if (typeof step === 'number') {
    return (from) => (from !== undefined && isArray(from) ? from[step] : undefined);
  }
  if (isForeign(step)) {
    return (from) => (isObject(from) && Object.hasOwn(from, step) ? from[step] : undefined);
  }
  return (from) => (typeof from === 'object' && from !== null ? (from as JsonObject)[step] : undefined);
}

interface JsonObject {
  readonly [name: string]: Json;
}

function isObject(json: Outcome): json is JsonObject {
  return typeof json === 'object' && json !== null && !isArray(json) && !(json instanceof WholeDecimal);
}

/**
 * Names that objects inherit, or that arrays and `WholeDecimal`s have though no message wrote them. For every other
 * name a plain look at any object is right, and it is faster.
 */
function isForeign(name: string): boolean {
  return name in Array.prototype || name === 'value' || /^\d+$/.test(name);
}
