import type { Execution } from '../../runtime/delivery/execution.ts';
import { type Column, printable, tableLines } from '../table.ts';

const COLUMNS: readonly Column<Execution>[] = [
  { title: 'TIME', cell: ({ createdAt }) => new Date(createdAt).toISOString() },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'TRIES', cell: ({ attempts }) => String(attempts) },
  {
    title: 'DETECTOR OR ALARM',
    cell: ({ detectorModelName, alarmModelName, keyValue }) =>
      [detectorModelName ?? alarmModelName, keyValue].filter(Boolean).join('/'),
  },
  { title: 'EVENT', cell: ({ eventName }) => eventName },
  { title: 'TARGET', cell: ({ type, target }) => target ?? type },
  { title: 'ID', cell: ({ actionExecutionId }) => actionExecutionId },
];

/** Executions for people: one line each, with its error, if any, on the next line. */
export function writeTable(
  executions: readonly Execution[],
  hasMore: boolean,
  write: (line: string) => void,
): void {
  if (executions.length === 0) {
    write('No actions match.');
    return;
  }
  const [titles = '', ...lines] = tableLines(COLUMNS, executions);
  write(titles);
  for (const [index, line] of lines.entries()) {
    write(line);
    const { lastError, status } = executions[index] as Execution;
    if (lastError !== undefined && status !== 'DELIVERED') write(`  ${printable(lastError)}`);
  }
  if (hasMore) write('There are more; list them with --limit.');
}
