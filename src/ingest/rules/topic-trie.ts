interface Node<T> {
  readonly below: Map<string, Node<T>>;
  /** Of filters that end here, and of those that go on with `#`. */
  readonly exact: T[];
  readonly rest: T[];
}

/** Topic filters by their levels: finding those that match costs the levels of the topic, however many there are. */
export class TopicTrie<T> {
  readonly #root: Node<T> = node();

  add(filter: string, value: T): void {
    let at = this.#root;
    for (const level of filter.split('/')) {
      if (level === '#') {
        at.rest.push(value);
        return;
      }
      let next = at.below.get(level);
      if (next === undefined) {
        next = node();
        at.below.set(level, next);
      }
      at = next;
    }
    at.exact.push(value);
  }

  /** As `matchesFilter` has it: `x/#` does not match `x`, and no wildcard at the front matches `$…`. */
  match(topic: string): T[] {
    const found: T[] = [];
    const levels = topic.split('/');
    const visit = (at: Node<T>, depth: number): void => {
      const level = levels[depth];
      if (level === undefined) {
        found.push(...at.exact);
        return;
      }
      const isReserved = depth === 0 && topic.startsWith('$');
      if (!isReserved) found.push(...at.rest);
      const plus = isReserved ? undefined : at.below.get('+');
      if (plus !== undefined) visit(plus, depth + 1);
      const exact = level === '+' ? undefined : at.below.get(level);
      if (exact !== undefined) visit(exact, depth + 1);
    };
    visit(this.#root, 0);
    return found;
  }
}

function node<T>(): Node<T> {
  return { below: new Map(), exact: [], rest: [] };
}
