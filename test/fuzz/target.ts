import type { Random } from '../sim/random.ts';

/** A component that must accept any input. */
export interface Target {
  readonly name: string;
  /** Throws when the result for a random input violates a guarantee. */
  run(random: Random): void | Promise<void>;
  /** Checks the state after many inputs; throws when something is wrong. */
  check?(): void | Promise<void>;
  close?(): Promise<void>;
}

/** Changes a text in a few places: parts removed, duplicated or replaced. */
export function mutate(random: Random, text: string, pieces: readonly string[]): string {
  let mutated = text;
  for (let times = random.int(1, 4); times > 0; times--) {
    const at = random.int(0, mutated.length);
    const to = Math.min(mutated.length, at + random.int(0, 8));
    const kind = random.int(0, 3);
    const middle =
      kind === 0
        ? ''
        : kind === 1
          ? random.pick(pieces)
          : kind === 2
            ? mutated.slice(at, to).repeat(2)
            : character(random);
    mutated = mutated.slice(0, at) + middle + mutated.slice(to);
  }
  return mutated;
}

function character(random: Random): string {
  return random.chance(0.7)
    ? String.fromCharCode(random.int(32, 126))
    : String.fromCharCode(random.int(0, random.chance(0.5) ? 255 : 65_535));
}
