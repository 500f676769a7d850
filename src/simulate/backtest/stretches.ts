/** A stretch of time in which two sides are in different states. Times are milliseconds since the epoch. */
export interface Stretch {
  readonly keyValue: string | undefined;
  readonly from: number;
  /** Undefined when it lasts. */
  readonly to: number | undefined;
  /** Null where there is no detector. */
  readonly old: string | null;
  readonly new: string | null;
}

interface Standing {
  old: string | null;
  new: string | null;
  /** What the last instant left, and since when. */
  settled: { readonly old: string | null; readonly new: string | null; readonly from: number };
}

/** Follows the states of both sides by key, and tells the stretches in which they differ. */
export class Stretches {
  readonly #standings = new Map<string | undefined, Standing>();
  readonly #touched = new Set<string | undefined>();
  readonly #found: Stretch[] = [];

  /** Keys seen on either side. */
  get keys(): number {
    return this.#standings.size;
  }

  /** One side has come to a state; what counts is what an instant leaves behind. */
  enter(side: 'old' | 'new', keyValue: string | undefined, state: string, time: number): void {
    let standing = this.#standings.get(keyValue);
    if (standing === undefined) {
      standing = { old: null, new: null, settled: { old: null, new: null, from: time } };
      this.#standings.set(keyValue, standing);
    }
    standing[side] = state;
    this.#touched.add(keyValue);
  }

  /** Everything of that instant has happened. */
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

  /** Everything has happened: all stretches, those that last too. */
  finish(): Stretch[] {
    for (const [keyValue, { settled }] of this.#standings) this.#end(keyValue, settled, undefined);
    return this.#found;
  }

  #end(keyValue: string | undefined, settled: Standing['settled'], to: number | undefined): void {
    if (settled.old !== settled.new)
      this.#found.push({ keyValue, from: settled.from, to, old: settled.old, new: settled.new });
  }
}
