/** Whether an MQTT topic filter matches a topic: `x/#` matches `x`, wildcards in front match no `$…`. */
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

/** Whether every topic that `filter` matches is matched by `wider` too. */
export function covers(wider: string, filter: string): boolean {
  const allowed = wider.split('/');
  const wanted = filter.split('/');
  if (filter.startsWith('$') && isWildcard(allowed[0])) return false;
  for (const [index, level] of allowed.entries()) {
    if (level === '#') return true;
    const other = wanted[index];
    // `x/#` matches `x` as well, which no filter of the same length does.
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return allowed.length === wanted.length;
}

/** Why a text is not an MQTT topic filter; undefined when it is one. */
export function filterProblem(filter: string): string | undefined {
  if (filter === '' || filter.includes('\0')) return 'it is empty or contains a null character';
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level === '#' && index < levels.length - 1) return '# matches all further levels and must be last';
    if (level !== '#' && level !== '+' && /[#+]/.test(level)) return '# and + must be whole levels';
  }
  return undefined;
}

/** Why nothing can be published to that topic; undefined when it can. */
export function topicProblem(topic: string, longest: number): string | undefined {
  if (topic === '') return 'it is empty';
  if (/[#+\0]/.test(topic)) return 'it contains a wildcard or a null character';
  // No character has more than three bytes for a unit of UTF-16.
  if (topic.length * 3 <= longest) return undefined;
  const length = Buffer.byteLength(topic.replace(BASIC_INGEST, ''));
  return length > longest ? `it has ${length} bytes, more than ${longest}` : undefined;
}

const BASIC_INGEST = /^\$aws\/rules\/[^/]*\//;

/** Whether a topic is for one rule alone: `$aws/rules/{rule}/…` (docs/topic-rules.md: Delivery). */
export function isBasicIngest(topic: string): boolean {
  return topic.startsWith('$aws/rules/');
}

/** Whether a client may publish there at all, whatever its permissions (docs/devices.md: Limits). */
export function isOpenToPublish(topic: string): boolean {
  return !topic.startsWith('$') || isBasicIngest(topic) || topic.startsWith('$aws/sitewise/asset-models/');
}

/** Whether a client may subscribe to that at all: of the reserved topics those that something is published to. */
export function isOpenToSubscribe(filter: string): boolean {
  if (!filter.startsWith('$')) return true;
  return filter.startsWith('$aws/') && !/^\$aws\/(rules|#|\+)/.test(filter);
}

function isWildcard(level: string | undefined): boolean {
  return level === '#' || level === '+';
}
