import { covers } from '../mqtt/topics.ts';

/** Removes topic filters that another one covers: overlapping subscriptions may deliver a message twice. */
export function uncovered(filters: Iterable<string>): string[] {
  const distinct = [...new Set(filters)].sort();
  // A filter without wildcards covers only itself.
  const wide = distinct.filter((filter) => /[+#]/.test(filter));
  return distinct.filter((filter) => !wide.some((other) => other !== filter && covers(other, filter)));
}
