interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly values: Set<T>;
}

/**
 * Values by MQTT topic filter. Finding the filters that match a topic takes time in the levels of the topic, not in the
 * number of filters. As MQTT has it, `x/#` also matches `x`, and a wildcard in front does not match topics that begin
 * with `$`.
 */
export class FilterTree<T> {
  readonly #root: Node<T> = { children: new Map(), values: new Set() };

  add(filter: string, value: T): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = { children: new Map(), values: new Set() };
        node.children.set(level, child);
      }
      node = child;
    }
    node.values.add(value);
  }

  remove(filter: string, value: T): void {
    const path: { readonly parent: Node<T>; readonly level: string }[] = [];
    let node = this.#root;
    for (const level of filter.split('/')) {
      const child = node.children.get(level);
      if (child === undefined) return;
      path.push({ parent: node, level });
      node = child;
    }
    node.values.delete(value);
    for (const { parent, level } of path.reverse()) {
      const child = parent.children.get(level);
      if (child === undefined || child.values.size > 0 || child.children.size > 0) return;
      parent.children.delete(level);
    }
  }

  /** Every value whose filter matches the topic, once for each such filter. */
  match(topic: string): T[] {
    const found: T[] = [];
    collect(this.#root, topic.split('/'), 0, found);
    return found;
  }
}

function collect<T>(node: Node<T>, levels: readonly string[], index: number, found: T[]): void {
  const wildcards = index > 0 || !levels[0]?.startsWith('$');
  const rest = wildcards ? node.children.get('#') : undefined;
  if (rest !== undefined) found.push(...rest.values);
  const level = levels[index];
  if (level === undefined) {
    found.push(...node.values);
    return;
  }
  const exact = node.children.get(level);
  if (exact !== undefined) collect(exact, levels, index + 1, found);
  const any = wildcards ? node.children.get('+') : undefined;
  if (any !== undefined) collect(any, levels, index + 1, found);
}
