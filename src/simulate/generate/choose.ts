/**
 * Chooses a small subset of the items that reaches the same goals as all of them. Greedy: always takes the item that
 * adds most, and the shorter one of equals.
 */
export function chooseFew<T extends readonly unknown[]>(
  items: readonly T[],
  goalsOf: (item: T) => readonly string[],
): T[] {
  const worth = items.map((item) => ({ item, goals: goalsOf(item) }));
  const open = new Set(worth.flatMap(({ goals }) => goals));
  const chosen: T[] = [];
  while (open.size > 0) {
    let best = worth[0];
    let most = 0;
    for (const each of worth) {
      const count = each.goals.filter((goal) => open.has(goal)).length;
      if (count > most || (count === most && count > 0 && each.item.length < (best?.item.length ?? 0))) {
        best = each;
        most = count;
      }
    }
    if (best === undefined || most === 0) break;
    chosen.push(best.item);
    for (const goal of best.goals) open.delete(goal);
  }
  return chosen;
}
