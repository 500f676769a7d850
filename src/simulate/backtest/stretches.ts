/** A period in which the two versions are in different states. Times are in milliseconds since the epoch. */
export interface Stretch {
  readonly keyValue: string | undefined;
  readonly from: number;
  /** Undefined if the difference persists to the end. */
  readonly to: number | undefined;
  /** Null if there is no detector. */
  readonly old: string | null;
  readonly new: string | null;
}

interface Standing {
  old: string | null;
  new: string | null;
  /** The states at the end of the last instant, and since when they have held. */
  settled: { readonly old: string | null; readonly new: string | null; readonly from: number };
}

/** Follows the states of both versions by key and finds the periods in which they differ. */
export class Stretches {
  readonly #standings = new Map<string | undefined, Standing>();
  readonly #touched = new Set<string | undefined>();
  readonly #found: Stretch[] = [];

  /** The number of keys seen in either version. */
  get keys(): number {
    return this.#standings.size;
  }

  /** Records that one version has entered a state. Only the state at the end of an instant counts. */
  enter(side: 'old' | 'new', keyValue: string | undefined, state: string, time: number): void {
    let standing = this.#standings.get(keyValue);
    if (standing === undefined) {
      standing = { old: null, new: null, settled: { old: null, new: null, from: time } };
      this.#standings.set(keyValue, standing);
    }
    standing[side] = state;
    this.#touched.add(keyValue);
  }

  /** Ends the instant. */
  settle(time: number): void {
    for (const keyValue of this.#touched) {
      const standing = this.#standings.get(keyValue) as Standing;
      const { settled } = standing;
      if (settled.old === standing.old && settled.new === standing.new) continue;
      this.#end(keyValue, settled, time);
      standing.settled = { old: standing.old, new: standing.new, from: time };
    }
    this.#touched.clear();
  }

  /** Ends the comparison. Returns all periods, including open ones. */
  finish(): Stretch[] {
    for (const [keyValue, { settled }] of this.#standings) this.#end(keyValue, settled, undefined);
    return this.#found;
  }

  #end(keyValue: string | undefined, settled: Standing['settled'], to: number | undefined): void {
    if (settled.old !== settled.new)
      this.#found.push({ keyValue, from: settled.from, to, old: settled.old, new: settled.new });
  }
}
