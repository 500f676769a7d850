import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { readHeader, readRow } from '../messages/csv.ts';
import {
  type Located,
  type MessageFormat,
  readJsonText,
  readNdjsonLine,
  withoutMark,
} from '../messages/text.ts';

/** A file of messages that can be read repeatedly. */
export interface MessageFile {
  /** For messages to users. */
  readonly name: string;
  readonly path: string;
  readonly format: MessageFormat;
}

export interface MessageFileOptions {
  /** The CSV column with the time. */
  readonly timeColumn: string;
  /** The path of the time in payloads without an envelope. */
  readonly timePath: string | undefined;
}

/** Reads a file in pieces of several elements each. Rejects when the file cannot be read. */
export function readMessageFile(
  file: MessageFile,
  options: MessageFileOptions,
): AsyncIterable<readonly Located[]> {
  switch (file.format) {
    case 'json':
      return readJson(file, options);
    case 'ndjson':
      return readNdjson(file, options);
    case 'csv':
      return readCsv(file, options);
  }
}

async function* readJson(file: MessageFile, { timePath }: MessageFileOptions): AsyncGenerator<Located[]> {
  yield readJsonText(await readFile(file.path, 'utf8'), timePath);
}

async function* readNdjson(file: MessageFile, { timePath }: MessageFileOptions): AsyncGenerator<Located[]> {
  let number = 0;
  let rest = '';
  const read = (lines: readonly string[]): Located[] =>
    lines.flatMap((line) => readNdjsonLine(line, ++number, timePath) ?? []);
  for await (const chunk of createReadStream(file.path, 'utf8')) {
    const isFirst = number === 0 && rest === '';
    const lines = (rest + (isFirst ? withoutMark(String(chunk)) : String(chunk))).split('\n');
    rest = lines.pop() ?? '';
    yield read(lines);
  }
  yield read([rest]);
}

async function* readCsv(file: MessageFile, { timeColumn }: MessageFileOptions): AsyncGenerator<Located[]> {
  const rows = createReadStream(file.path).pipe(parse({ bom: true, skip_empty_lines: true, info: true }));
  let columns: ReturnType<typeof readHeader> | undefined;
  let located: Located[] = [];
  try {
    for await (const row of rows) {
      const { record, info } = row as {
        readonly record: string[];
        readonly info: { readonly lines: number };
      };
      if (columns === undefined) {
        columns = readHeader(record, timeColumn);
        continue;
      }
      located.push({ place: `line ${info.lines}`, result: readRow(columns, record) });
      if (located.length < BATCH) continue;
      yield located;
      located = [];
    }
  } catch (error) {
    if (!(error instanceof Error && 'lines' in error)) throw error;
    located.push({ place: `line ${error.lines}`, result: { ok: false, message: error.message } });
  }
  yield located;
}

const BATCH = 1000;
