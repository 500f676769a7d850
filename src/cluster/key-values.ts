/** The entries of one virtual object: what its handlers may read and write. Values are JSON. */
export interface KeyValues {
  /** Resolves with null when there is no such entry. */
  get<T>(name: string): Promise<T | null>;
  /** Several at once, in their order. Not to be had by `get` of each: an invocation waits for one thing at a time. */
  getAll<T>(names: readonly string[]): Promise<(T | null)[]>;
  set<T>(name: string, value: T): void;
  clear(name: string): void;
  /** The names of all entries. */
  stateKeys(): Promise<string[]>;
}
