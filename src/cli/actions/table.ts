import type { Execution } from '../../runtime/delivery/execution.ts';

const COLUMNS: readonly [title: string, cell: (execution: Execution) => string][] = [
  ['TIME', ({ createdAt }) => new Date(createdAt).toISOString()],
  ['STATUS', ({ status }) => status],
  ['TRIES', ({ attempts }) => String(attempts)],
  [
    'DETECTOR OR ALARM',
    ({ detectorModelName, alarmModelName, keyValue }) =>
      [detectorModelName ?? alarmModelName, keyValue].filter(Boolean).join('/'),
  ],
  ['EVENT', ({ eventName }) => eventName],
  ['TARGET', ({ type, target }) => target ?? type],
  ['ID', ({ actionExecutionId }) => actionExecutionId],
];

/** Executions for people: a line each, and below it the error if there is one. */
export function writeTable(
  executions: readonly Execution[],
  hasMore: boolean,
  write: (line: string) => void,
): void {
  if (executions.length === 0) {
    write('No actions fit.');
    return;
  }
  const rows = executions.map((execution) => COLUMNS.map(([, cell]) => cell(execution)));
  const widths = COLUMNS.map(([title], column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  write(line(COLUMNS.map(([title]) => title)));
  for (const [index, row] of rows.entries()) {
    write(line(row));
    const { lastError, status } = executions[index] as Execution;
    if (lastError !== undefined && status !== 'DELIVERED') write(`  ${lastError}`);
  }
  if (hasMore) write('There are more: --limit lists them.');
}
