import type { Node, Place } from '../node.ts';

/** The documents in a text, or why it cannot be read. */
export type ReadResult =
  | { readonly ok: true; readonly nodes: readonly Node[] }
  | { readonly ok: false; readonly message: string; readonly place: Place };

export const TOO_DEEP = { message: 'nested too deeply' };
