import { type Command, stepsOf } from './commands.ts';
import type { Json } from './json.ts';
import { applySteps, type Step } from './steps.ts';

/** A document with the way back to how it was, and the way on again. */
export interface History {
  readonly document: Json;
  readonly past: readonly Entry[];
  readonly future: readonly Entry[];
}

interface Entry {
  /** What leads from here to the document beside it. */
  readonly steps: readonly Step[];
  /** Entries with the same text, one after the other, are one: letters typed into one field. */
  readonly merge: string | undefined;
}

export function newHistory(document: Json): History {
  return { document, past: [], future: [] };
}

export function run(history: History, command: Command, merge?: string): History {
  const steps = stepsOf(history.document, command);
  if (steps.length === 0) return history;
  const { document, inverse } = applySteps(history.document, steps);
  const last = history.past.at(-1);
  const isMerged = merge !== undefined && last?.merge === merge && history.future.length === 0;
  const past = isMerged
    ? [...history.past.slice(0, -1), { steps: [...inverse, ...last.steps], merge }]
    : [...history.past, { steps: inverse, merge }];
  return { document, past, future: [] };
}

export function undo({ document, past, future }: History): History {
  const last = past.at(-1);
  if (last === undefined) return { document, past, future };
  const undone = applySteps(document, last.steps);
  return {
    document: undone.document,
    past: past.slice(0, -1),
    future: [{ steps: undone.inverse, merge: undefined }, ...future],
  };
}

export function redo({ document, past, future }: History): History {
  const [next, ...rest] = future;
  if (next === undefined) return { document, past, future };
  const redone = applySteps(document, next.steps);
  return {
    document: redone.document,
    past: [...past, { steps: redone.inverse, merge: undefined }],
    future: rest,
  };
}
