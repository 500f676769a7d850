interface Node<T> {
  readonly below: Map<string, Node<T>>;
  /** Values of filters that end here, and of those that continue with `#`. */
  readonly exact: Set<T>;
  readonly rest: Set<T>;
}

export interface TopicTreeOptions {
  /** Whether `x/#` also matches `x`: true in MQTT, false for FROM in AWS IoT SQL (docs/topic-rules.md: The SQL). */
  readonly restIncludesParent: boolean;
}

/**
 * Values by topic filter. A lookup costs time in proportion to the levels of the topic, however many filters there are.
 * A leading wildcard does not match topics that begin with `$`.
 */
export class TopicTree<T> {
  readonly #root: Node<T> = node();
  readonly #restIncludesParent: boolean;

  constructor({ restIncludesParent }: TopicTreeOptions) {
    this.#restIncludesParent = restIncludesParent;
  }

  add(filter: string, value: T): void {
    const { path, isRest } = levelsOf(filter);
    let at = this.#root;
    for (const level of path) {
      let next = at.below.get(level);
      if (next === undefined) {
        next = node();
        at.below.set(level, next);
      }
      at = next;
    }
    (isRest ? at.rest : at.exact).add(value);
  }

  remove(filter: string, value: T): void {
    const { path, isRest } = levelsOf(filter);
    const nodes = [this.#root];
    for (const level of path) {
      const next = nodes.at(-1)?.below.get(level);
      if (next === undefined) return;
      nodes.push(next);
    }
    const last = nodes.at(-1) as Node<T>;
    (isRest ? last.rest : last.exact).delete(value);
    for (let depth = path.length; depth > 0; depth--) {
      const { below, exact, rest } = nodes[depth] as Node<T>;
      if (below.size > 0 || exact.size > 0 || rest.size > 0) return;
      nodes[depth - 1]?.below.delete(path[depth - 1] as string);
    }
  }

  /** Every value whose filter matches the topic, once for each filter. */
  match(topic: string): T[] {
    const found: T[] = [];
    this.#visit(this.#root, topic, 0, (values) => {
      for (const value of values) found.push(value);
      return false;
    });
    return found;
  }

  /** Whether any filter matches the topic. */
  matches(topic: string): boolean {
    return this.#visit(this.#root, topic, 0, isNotEmpty);
  }

  /**
   * Calls `take` with the values of each matching node until it returns true; returns whether it did. `from` is the
   * start of the topic's next level, or past the end when there is none.
   */
  #visit(at: Node<T>, topic: string, from: number, take: (values: Set<T>) => boolean): boolean {
    if (from > topic.length) return take(at.exact) || (this.#restIncludesParent && take(at.rest));
    const isReserved = from === 0 && topic.startsWith('$');
    if (!isReserved && take(at.rest)) return true;
    if (at.below.size === 0) return false;
    const slash = topic.indexOf('/', from);
    const end = slash < 0 ? topic.length : slash;
    const level = topic.slice(from, end);
    const any = isReserved ? undefined : at.below.get('+');
    if (any !== undefined && this.#visit(any, topic, end + 1, take)) return true;
    const exact = level === '+' ? undefined : at.below.get(level);
    return exact !== undefined && this.#visit(exact, topic, end + 1, take);
  }
}

function levelsOf(filter: string): { readonly path: readonly string[]; readonly isRest: boolean } {
  const path = filter.split('/');
  const isRest = path.at(-1) === '#';
  if (isRest) path.pop();
  return { path, isRest };
}

function isNotEmpty(values: ReadonlySet<unknown>): boolean {
  return values.size > 0;
}

function node<T>(): Node<T> {
  return { below: new Map(), exact: new Set(), rest: new Set() };
}
