/** The entries of one virtual object, as its handlers read and write them. Values are JSON. */
export interface KeyValues {
  /** Resolves with null when the entry does not exist. */
  get<T>(name: string): Promise<T | null>;
  /**
   * Several entries, in order. Not equivalent to concurrent calls of `get`: an invocation can wait for only one thing
   * at a time.
   */
  getAll<T>(names: readonly string[]): Promise<(T | null)[]>;
  set<T>(name: string, value: T): void;
  clear(name: string): void;
  /** The names of all entries. */
  stateKeys(): Promise<string[]>;
}
