/** The changes of commit `number`: a few of many keys, a row, and occasionally a dropped range. */
export function commitOf(number) {
  const state = [['last', String(number)]];
  for (let n = 0; n < 5; n++)
    state.push([`k/${(number * 7 + n * 13) % 97}`, `${number}:${'x'.repeat(number % 300)}`]);
  if (number % 3 === 0) state.push([`k/${number % 97}`, null]);
  return {
    state,
    dropState: number % 11 === 0 ? [{ from: 'k/1', to: 'k/3' }] : [],
    rows: [[`row/${String(number).padStart(10, '0')}`, String(number)]],
  };
}

/** The state rows after all commits up to `last`. */
export function stateAfter(last) {
  const rows = new Map();
  for (let number = 1; number <= last; number++) {
    const { state, dropState } = commitOf(number);
    for (const { from, to } of dropState)
      for (const key of rows.keys()) if (key >= from && key < to) rows.delete(key);
    for (const [key, value] of state) value === null ? rows.delete(key) : rows.set(key, value);
  }
  return rows;
}
