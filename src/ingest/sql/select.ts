import type { Item } from './ast.ts';
import { keyOf } from './check.ts';
import type { Compile, Evaluate, Scope } from './scope.ts';
import { copyOf, isObject, newObject, type Outcome, type Value } from './value.ts';

/** One compiled item of a selection. */
export interface CompiledItem {
  /** The path of its value in the result; undefined when it is merged into the result. */
  readonly path: readonly string[] | undefined;
  readonly isSpread: boolean;
  readonly evaluate: Evaluate;
}

/** The items of a selection (docs/topic-rules.md: The SQL). */
export function compileItem(item: Item, compile: Compile): CompiledItem {
  const { node, alias } = item;
  const isSpread = alias === undefined && (node.kind === 'star' || node.kind === 'spread');
  const isMerged = isSpread || (alias === undefined && node.kind === 'object');
  const evaluate = compile(node.kind === 'spread' ? node.of : node);
  return { path: isMerged ? undefined : keyOf(item), isSpread, evaluate };
}

/** Combines the items: first those of `*`, then the others. */
export function compileItems(items: readonly CompiledItem[], isStar: boolean): Evaluate {
  const [only] = items;
  if (items.length === 1 && only !== undefined && only.path === undefined && (isStar || !only.isSpread))
    return only.evaluate;
  const ordered = [...items.filter(({ isSpread }) => isSpread), ...items.filter(({ isSpread }) => !isSpread)];
  return (scope) => build(ordered, scope);
}

function build(items: readonly CompiledItem[], scope: Scope): Outcome {
  const result = newObject();
  /** Objects created here; all others belong to the payload and are copied before they change. */
  let own: Set<object> | undefined;
  for (const { path, evaluate } of items) {
    const value = evaluate(scope);
    if (path === undefined) {
      if (isObject(value)) Object.assign(result, value);
    } else if (value === undefined) {
    } else if (path.length === 1) {
      result[path[0] as string] = value;
    } else {
      own ??= new Set();
      put(result, path, value, own);
    }
  }
  return result;
}

function put(result: Record<string, Value>, path: readonly string[], value: Value, own: Set<object>): void {
  let target = result;
  for (const name of path.slice(0, -1)) {
    const there = target[name];
    let inner: Record<string, Value>;
    if (isObject(there) && own.has(there)) inner = there as Record<string, Value>;
    else {
      inner = isObject(there) ? copyOf(there) : newObject();
      own.add(inner);
      target[name] = inner;
    }
    target = inner;
  }
  target[path.at(-1) as string] = value;
}
