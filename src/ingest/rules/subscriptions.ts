import { covers } from '../mqtt/topics.ts';

/** Topic filters without those that another covers: two that overlap may bring a message twice. */
export function uncovered(filters: Iterable<string>): string[] {
  const distinct = [...new Set(filters)].sort();
  // A filter without wildcards covers none but itself.
  const wide = distinct.filter((filter) => /[+#]/.test(filter));
  return distinct.filter((filter) => !wide.some((other) => other !== filter && covers(other, filter)));
}
