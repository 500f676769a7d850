import type { Changes } from '../store/store.ts';
import type { ClusterRows } from './cluster-rows.ts';

/** Rows in the cluster that only one front uses. All methods reject with Fault. */
export class FrontStore {
  readonly #rows: ClusterRows;
  #version = 0;

  constructor(rows: ClusterRows) {
    this.#rows = rows;
  }

  async get(key: string): Promise<string | undefined> {
    const read = await this.#rows.read();
    this.#version = read?.version ?? 0;
    return read?.rows.find(([name]) => name === key)?.[1];
  }

  /** Resolves once durable. Overwrites concurrent changes by another process. */
  async commit({ rows = [] }: Changes): Promise<void> {
    for (;;) {
      const version = await this.#rows.commit(rows, this.#version);
      if (version !== undefined) {
        this.#version = version;
        return;
      }
      this.#version = (await this.#rows.read())?.version ?? 0;
    }
  }
}
