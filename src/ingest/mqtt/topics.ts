/** Whether an MQTT topic filter matches a topic: `x/#` matches `x`, and a leading wildcard does not match `$…`. */
export function matches(filter: string, topic: string): boolean {
  const filters = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && isWildcard(filters[0])) return false;
  for (const [index, level] of filters.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return filters.length === levels.length;
}

/** Whether `wider` matches every topic that `filter` matches. */
export function covers(wider: string, filter: string): boolean {
  const allowed = wider.split('/');
  const wanted = filter.split('/');
  if (filter.startsWith('$') && isWildcard(allowed[0])) return false;
  for (const [index, level] of allowed.entries()) {
    if (level === '#') return true;
    const other = wanted[index];
    // `x/#` also matches `x`, which no other filter of the same length does.
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return allowed.length === wanted.length;
}

/** Why a text is not a valid MQTT topic filter; undefined when it is. */
export function filterProblem(filter: string): string | undefined {
  if (filter === '' || filter.includes('\0')) return 'it is empty or contains a null character';
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level === '#' && index < levels.length - 1) return '# matches all further levels and must be last';
    if (level !== '#' && level !== '+' && /[#+]/.test(level)) return '# and + must be whole levels';
  }
  return undefined;
}

/** Why the topic cannot be published to; undefined when it can. */
export function topicProblem(topic: string, longest: number): string | undefined {
  if (topic === '') return 'it is empty';
  if (/[#+\0]/.test(topic)) return 'it contains a wildcard or a null character';
  // A UTF-16 unit takes at most three bytes of UTF-8.
  if (topic.length * 3 <= longest) return undefined;
  const length = Buffer.byteLength(topic.replace(BASIC_INGEST, ''));
  return length > longest ? `it has ${length} bytes, more than ${longest}` : undefined;
}

const BASIC_INGEST = /^\$aws\/rules\/[^/]*\//;

/** Whether a topic is for a single rule: `$aws/rules/{rule}/…` (docs/topic-rules.md: Delivery). */
export function isBasicIngest(topic: string): boolean {
  return topic.startsWith('$aws/rules/');
}

/** Whether any client may publish to the topic, whatever its permissions (docs/devices.md: Limits). */
export function isOpenToPublish(topic: string): boolean {
  return !topic.startsWith('$') || isBasicIngest(topic) || topic.startsWith('$aws/sitewise/asset-models/');
}

/** Whether any client may subscribe to the filter: among reserved topics, only those that something is published to. */
export function isOpenToSubscribe(filter: string): boolean {
  if (!filter.startsWith('$')) return true;
  return filter.startsWith('$aws/') && !/^\$aws\/(rules|#|\+)/.test(filter);
}

function isWildcard(level: string | undefined): boolean {
  return level === '#' || level === '+';
}
