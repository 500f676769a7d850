import { type RowConstant, rowConstant } from '../../row-writer.ts';
import type { CompiledAttribute } from './attributes.ts';

/** The texts that the rows of all detectors of a model have in common; detector/codec.ts writes the rows. */
export interface RowLayout {
  /** By state. */
  readonly heads: readonly RowHead[];
  readonly variables: readonly RowMember[];
  readonly attributes: readonly RowMember[];
}

interface RowHead {
  /** The head of a detector none of whose timers is running. */
  readonly idle: RowConstant;
  /** What follows the time at which the first timer expires. */
  readonly afterTime: RowConstant;
}

export interface RowMember {
  readonly place: number;
  /** What precedes the value of the first member, and that of any other. */
  readonly first: RowConstant;
  readonly next: RowConstant;
}

export function rowLayoutOf(
  states: readonly { readonly name: string }[],
  variables: ReadonlyMap<string, number>,
  attributes: readonly (readonly CompiledAttribute[])[],
): RowLayout {
  return {
    heads: states.map(({ name }) => {
      const afterTime = `,${JSON.stringify(name)},`;
      return { idle: rowConstant(`[null${afterTime}`), afterTime: rowConstant(afterTime) };
    }),
    variables: Array.from(variables, ([name, place]) => member(',{', name, place)),
    attributes: attributes.flat().map(({ name, place }) => member('],{', name, place)),
  };
}

function member(begin: string, name: string, place: number): RowMember {
  const named = `${JSON.stringify(name)}:`;
  return { place, first: rowConstant(begin + named), next: rowConstant(`,${named}`) };
}
