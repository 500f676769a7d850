/** What is wrong with a topic filter (docs/topic-rules.md: The SQL); undefined when it is valid. */
export function filterProblem(filter: string): string | undefined {
  if (filter === '') return 'The topic filter is empty';
  if (filter.includes('\0')) return 'The topic filter contains a NUL character';
  if (filter.startsWith('$aws/rules/'))
    return 'A rule cannot subscribe to $aws/rules/…: such topics name their rule';
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level === '#' && index < levels.length - 1) return 'In a topic filter # may stand only at the end';
    if (level.length > 1 && /[+#]/.test(level)) return 'In a topic filter + and # must be whole levels';
  }
  return undefined;
}

/**
 * Whether a topic matches a filter. AWS differs from MQTT: `x/#` does not match `x`. A leading wildcard does not match
 * topics that begin with `$`.
 */
export function matchesFilter(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const levels = filter.split('/');
  const parts = topic.split('/');
  for (const [index, level] of levels.entries()) {
    if (level === '#') return parts.length > index;
    if (index >= parts.length || (level !== '+' && level !== parts[index])) return false;
  }
  return levels.length === parts.length;
}
