import { below } from '../../runtime/rows.ts';
import type { Change, Row, Store } from '../../store/store.ts';

/** Where the rules are kept that the API makes: rows `topic-rule/<name>`, all of them by one version. */
export interface RuleRows {
  /** Resolves with all rows, or with undefined while they are those of the version that is known. */
  read(known?: number): Promise<RuleRowsVersion | undefined>;
  /** Resolves with the version that the changes make of the known one; undefined where there is another one by now. */
  commit(changes: readonly Change[], known: number): Promise<number | undefined>;
}

export interface RuleRowsVersion {
  readonly version: number;
  readonly rows: readonly Row[];
}

/** Rows of a store, which nobody else changes: they have one version for good. */
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
