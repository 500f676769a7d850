import { type KeptInstances, MOST_NAMED } from '../core/engine/turn.ts';

export const NOTHING_KEPT: KeptInstances = { kept: 0, reset: 0, resetInstances: [] };

/** Combines what several slots kept of their instances. */
export function mergeKept(parts: readonly KeptInstances[]): KeptInstances {
  return {
    kept: parts.reduce((sum, { kept }) => sum + kept, 0),
    reset: parts.reduce((sum, { reset }) => sum + reset, 0),
    resetInstances: parts.flatMap(({ resetInstances }) => resetInstances).slice(0, MOST_NAMED),
  };
}
