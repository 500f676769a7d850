/** The topic that the tester begins with: one that the statement's filter takes. */
export function topicFor(sql: string): string {
  const filter = /\bfrom\s+'([^']*)'/i.exec(sql)?.[1] ?? 'topic';
  return filter
    .split('/')
    .map((level) => (level === '+' || level === '#' ? 'x' : level))
    .join('/');
}
