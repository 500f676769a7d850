import { readHeader, readRow } from '../../../src/simulate/messages/csv.ts';
import { Schedule } from '../../../src/simulate/messages/schedule.ts';
import {
  formatOf,
  type Located,
  type MessageFormat,
  readJsonText,
  readNdjsonLine,
  withoutMark,
} from '../../../src/simulate/messages/text.ts';
import type { Session } from '../../../src/simulate/session/session.ts';
import type { OperatorAction } from '../../../src/simulate/simulator.ts';

/** A message, or what an operator does; `time` in milliseconds since the epoch. */
export type FileMessage = { readonly time: number } & (
  | { readonly kind: 'message'; readonly inputName: string; readonly text: string }
  | ({ readonly kind: 'operator' } & OperatorAction)
);

export interface ReadMessages {
  /** In the order of their times. */
  readonly messages: readonly FileMessage[];
  /** Whether the file says when messages came. */
  readonly hasTimes: boolean;
  /** `line 3: It is not JSON`, the first of them. */
  readonly faults: readonly string[];
  readonly faultCount: number;
}

/** Messages of a file that the browser takes; a command takes any number. */
export const MOST_MESSAGES = 5000;
const MOST_FAULTS = 5;
/** Milliseconds between messages that have no time. */
const INTERVAL = 1000;
const TIME = 'time';

/** Reads a file of messages; `inputName` is for those that name none. Rejects for a name that is no message file's. */
export async function readMessages(
  file: File,
  inputName: string | undefined,
  alarmModelNames: readonly string[],
): Promise<ReadMessages> {
  const format = formatOf(file.name);
  if (format === undefined)
    throw new Error(`${file.name} is no file of messages: choose one in .ndjson, .jsonl, .json or .csv`);
  const located = await locate(await file.text(), format);
  const schedule = new Schedule({
    interval: INTERVAL,
    inputName,
    alarmModelName: alarmModelNames.length === 1 ? alarmModelNames[0] : undefined,
    alarmModelNames,
  });
  const messages: FileMessage[] = [];
  const faults: string[] = [];
  let hasTimes = false;
  for (const { place, result } of located) {
    if (!result.ok) {
      faults.push(`${place}: ${result.message}`);
      continue;
    }
    const { element } = result;
    if (element.kind === 'operator' && alarmModelNames.length === 0) {
      faults.push(`${place}: It is for an alarm, and no alarm model is simulated here`);
      continue;
    }
    hasTimes ||= element.time !== undefined;
    const next = schedule.next(element, 0);
    if (!('time' in next)) {
      faults.push(
        `${place}: ${next.isUsage ? 'It names no input; choose one under Message first' : next.message}`,
      );
      continue;
    }
    const { time } = next;
    if (next.kind === 'operator') {
      const { alarmModelName, keyValue, action } = next;
      messages.push({ time, kind: 'operator', alarmModelName, keyValue, action });
      continue;
    }
    const { payload } = next;
    const text = typeof payload === 'string' ? payload : payload.text;
    messages.push({ time, kind: 'message', inputName: next.inputName, text });
  }
  return {
    messages: messages.sort((a, b) => a.time - b.time),
    hasTimes,
    faults: faults.slice(0, MOST_FAULTS),
    faultCount: faults.length,
  };
}

async function locate(text: string, format: MessageFormat): Promise<Located[]> {
  if (format === 'json') return readJsonText(text, TIME);
  if (format === 'ndjson')
    return withoutMark(text)
      .split('\n')
      .flatMap((line, index) => readNdjsonLine(line, index + 1, TIME) ?? []);
  const { parse } = await import('csv-parse/browser/esm/sync');
  const [header = [], ...rows] = parse(text, { bom: true, skip_empty_lines: true }) as string[][];
  const columns = readHeader(header, TIME);
  return rows.map((row, index) => ({ place: `row ${index + 1}`, result: readRow(columns, row) }));
}

/**
 * Plays messages in a session from its clock on: the first comes now, or at its own time when that is still ahead, and
 * the others as long after it as in the file. Returns how many were played.
 */
export function playMessages(session: Session, messages: readonly FileMessage[], hasTimes: boolean): number {
  const first = messages[0]?.time ?? 0;
  const ahead = hasTimes && first >= session.time ? 0 : session.time - first;
  let played = 0;
  for (const message of messages.slice(0, MOST_MESSAGES)) {
    session.advanceTo(message.time + ahead);
    if (session.isFull) break;
    if (message.kind === 'message') session.send(message.inputName, message.text);
    else session.operate(message.alarmModelName, message.keyValue, message.action);
    played++;
  }
  return played;
}
