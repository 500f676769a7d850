import type { Step } from './ast.ts';
import { isArray } from './json.ts';
import { type Json, type Outcome, WholeDecimal } from './value.ts';

/** Follows a reference's path into a payload; returns undefined when the path does not exist. */
export type Read = (payload: Outcome) => Outcome;

/** Only own members of objects and elements of arrays are visible (reference: expressions 6). */
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
  if (needsOwnCheck(step)) {
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
 * Names that objects inherit, or that arrays and `WholeDecimal`s have themselves. For all other names a plain property
 * access is safe on any object, and faster.
 */
function needsOwnCheck(name: string): boolean {
  return name in Array.prototype || name === 'value' || /^\d+$/.test(name);
}
