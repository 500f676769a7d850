/** Topic filters without those that another covers: two that overlap may bring a message twice. */
export function uncovered(filters: Iterable<string>): string[] {
  const distinct = [...new Set(filters)].sort();
  // A filter without wildcards covers none but itself.
  const wide = distinct.filter((filter) => /[+#]/.test(filter));
  return distinct.filter((filter) => !wide.some((other) => other !== filter && covers(other, filter)));
}

/** Whether a broker sends for `wide` all that it sends for `narrow`. */
function covers(wide: string, narrow: string): boolean {
  if (narrow.startsWith('$') && /^[+#]/.test(wide)) return false;
  const [levels, others] = [wide.split('/'), narrow.split('/')];
  for (const [index, level] of levels.entries()) {
    if (level === '#') return true;
    const other = others[index];
    if (other === undefined || other === '#' || (level !== '+' && level !== other)) return false;
  }
  return levels.length === others.length;
}
