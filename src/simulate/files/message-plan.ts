import type { ElementResult } from '../messages/element.ts';
import { Schedule, type Scheduled, type ScheduleFault, type ScheduleOptions } from '../messages/schedule.ts';
import type { Located } from '../messages/text.ts';
import { type MessageFile, type MessageFileOptions, readMessageFile } from './message-file.ts';

export interface PlanOptions extends MessageFileOptions, ScheduleOptions {
  /** The initial time; undefined for the earliest time of a message. */
  readonly start: number | undefined;
}

/** Messages given on the command line, which follow those of all files. */
export interface InlineMessages {
  readonly name: string;
  readonly elements: readonly ElementResult[];
}

export interface PlanFault extends ScheduleFault {
  /** The file and the position in it. */
  readonly place: string;
}

export interface MessagePlan {
  readonly start: number;
  readonly count: number;
  /** The first faults. If there are any, nothing should run. */
  readonly faults: readonly PlanFault[];
  /** All messages ordered by time. May be called repeatedly. */
  readonly messages: () => AsyncIterable<readonly Scheduled[]>;
}

/** 2025-01-01T00:00:00.000Z, the default initial time. */
export const DEFAULT_START = 1_735_689_600_000;
const MOST_FAULTS = 20;

/** A source of messages; `read` may be called repeatedly. */
export interface Source {
  readonly name: string;
  readonly read: () => AsyncIterable<readonly Located[]> | Iterable<readonly Located[]>;
}

/** The files, followed by the messages of the command line. */
export function sourcesOf(
  files: readonly MessageFile[],
  inline: InlineMessages,
  options: MessageFileOptions,
): Source[] {
  return [
    ...files.map((file): Source => ({ name: file.name, read: () => readMessageFile(file, options) })),
    {
      name: inline.name,
      read: () => [inline.elements.map((result, index) => ({ place: `${index + 1}`, result }))],
    },
  ];
}

/**
 * Reads all messages once to find faults, the earliest time and whether they are in order. If they are, each file is
 * read a second time while it is played, keeping only one piece of it in memory; otherwise they are sorted in memory.
 */
export async function planMessages(sources: readonly Source[], options: PlanOptions): Promise<MessagePlan> {
  const survey = await surveyOf(sources, options);
  const start = options.start ?? survey.earliest ?? DEFAULT_START;
  const { count, faults, isOrdered, carried } = survey;
  const ordered = () =>
    merge(sources.map((source, index) => scheduled([source], carried[index], options, start)));
  const unordered = () => sorted(scheduled(sources, undefined, options, start));
  return { start, count, faults, messages: isOrdered ? ordered : unordered };
}

interface Survey {
  readonly count: number;
  readonly faults: PlanFault[];
  /** The earliest explicit time. */
  readonly earliest: number | undefined;
  /** Whether the times within each source never decrease. */
  readonly isOrdered: boolean;
  /** The latest time before each source. */
  readonly carried: readonly (number | undefined)[];
}

async function surveyOf(sources: readonly Source[], options: PlanOptions): Promise<Survey> {
  const schedule = new Schedule(options);
  const faults: PlanFault[] = [];
  const carried: (number | undefined)[] = [];
  let count = 0;
  let earliest: number | undefined;
  let isOrdered = true;
  let beginsWithoutTime = false;
  for (const source of sources) {
    carried.push(schedule.latest);
    let last = Number.NEGATIVE_INFINITY;
    for await (const piece of source.read()) {
      for (const { place, result } of piece) {
        const next = result.ok
          ? schedule.next(result.element, options.start ?? DEFAULT_START)
          : { message: result.message, isUsage: false };
        if (!isScheduled(next)) {
          if (faults.length < MOST_FAULTS) faults.push({ place: `${source.name}, ${place}`, ...next });
          continue;
        }
        const given = result.ok ? result.element.time : undefined;
        if (count++ === 0) beginsWithoutTime = given === undefined;
        if (given !== undefined) earliest = Math.min(earliest ?? given, given);
        if (next.time < last) isOrdered = false;
        last = next.time;
      }
    }
  }
  // The times were computed from DEFAULT_START, but the actual start differs.
  if (beginsWithoutTime && options.start === undefined && earliest !== undefined) {
    isOrdered = false;
  }
  return { count, faults, earliest, isOrdered, carried };
}

export function isScheduled(next: Scheduled | ScheduleFault): next is Scheduled {
  return 'time' in next;
}

async function* scheduled(
  sources: readonly Source[],
  carried: number | undefined,
  options: PlanOptions,
  start: number,
): AsyncGenerator<readonly Scheduled[]> {
  const schedule = new Schedule(options);
  schedule.latest = carried;
  for await (const piece of piecesOf(sources)) {
    const messages: Scheduled[] = [];
    for (const { result } of piece) {
      const next = result.ok ? schedule.next(result.element, start) : undefined;
      if (next !== undefined && isScheduled(next)) messages.push(next);
    }
    if (messages.length > 0) yield messages;
  }
}

export async function* piecesOf(sources: readonly Source[]): AsyncGenerator<readonly Located[]> {
  for (const source of sources) yield* source.read();
}

/** A position in one source. */
interface Cursor {
  readonly pieces: AsyncIterator<readonly Scheduled[]>;
  piece: readonly Scheduled[];
  at: number;
}

/** Merges sources by time; at equal times, the earlier source comes first. */
async function* merge(
  sources: readonly AsyncIterable<readonly Scheduled[]>[],
): AsyncGenerator<readonly Scheduled[]> {
  const cursors: Cursor[] = sources.map((source) => {
    return { pieces: source[Symbol.asyncIterator](), piece: [], at: 0 };
  });
  for (;;) {
    for (const cursor of cursors) await fill(cursor);
    const live = cursors.filter(({ piece, at }) => at < piece.length);
    if (live.length === 0) return;
    // Until one piece ends, the next message of every source is in memory.
    const merged: Scheduled[] = [];
    while (live.every(({ piece, at }) => at < piece.length)) {
      const [first, ...others] = live as [Cursor, ...Cursor[]];
      const next = others.reduce((best, each) => (timeAt(each) < timeAt(best) ? each : best), first);
      merged.push(next.piece[next.at++] as Scheduled);
    }
    yield merged;
  }
}

async function fill(cursor: Cursor): Promise<void> {
  while (cursor.at === cursor.piece.length) {
    const { value, done } = await cursor.pieces.next();
    if (done) return;
    cursor.piece = value;
    cursor.at = 0;
  }
}

function timeAt({ piece, at }: Cursor): number {
  return piece[at]?.time ?? Number.POSITIVE_INFINITY;
}

async function* sorted(pieces: AsyncIterable<readonly Scheduled[]>): AsyncGenerator<readonly Scheduled[]> {
  const all: Scheduled[] = [];
  for await (const piece of pieces) for (const message of piece) all.push(message);
  yield all.sort((a, b) => a.time - b.time);
}
