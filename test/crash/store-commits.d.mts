import type { Changes } from '../../src/store/store.ts';

export function commitOf(number: number): Required<Changes>;
export function stateAfter(last: number): Map<string, string>;
