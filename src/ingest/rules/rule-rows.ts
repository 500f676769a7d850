import { below } from '../../runtime/rows.ts';
import type { Change, Row, Store } from '../../store/store.ts';

/** The storage of rules created through the API: rows `topic-rule/<name>` with one version for all of them. */
export interface RuleRows {
  /** Resolves with all rows, or with undefined when the known version is current. */
  read(known?: number): Promise<RuleRowsVersion | undefined>;
  /** Resolves with the new version; undefined when the known version is no longer current. */
  commit(changes: readonly Change[], known: number): Promise<number | undefined>;
}

export interface RuleRowsVersion {
  readonly version: number;
  readonly rows: readonly Row[];
}

/** Rows of a store that only this process changes, so their version stays the same. */
export function ruleRowsOf(store: Store): RuleRows {
  return {
    async read(known) {
      if (known !== undefined) return undefined;
      const rows: Row[] = [];
      for await (const row of store.scan(below('topic-rule'))) rows.push(row);
      return { version: 0, rows };
    },
    async commit(rows, known) {
      await store.commit({ rows });
      return known;
    },
  };
}
