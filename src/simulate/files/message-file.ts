import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { isArray, parseJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import { readHeader, readRow } from '../messages/csv.ts';
import { type ElementResult, readElement } from '../messages/element.ts';
import { isObject } from '../payload.ts';

export type MessageFormat = 'json' | 'ndjson' | 'csv';

/** A file of messages, which can be read more than once. */
export interface MessageFile {
  /** For messages to people. */
  readonly name: string;
  readonly path: string;
  readonly format: MessageFormat;
}

export interface MessageFileOptions {
  /** The CSV column that holds the time. */
  readonly timeColumn: string;
  /** Where a payload by itself has its time. */
  readonly timePath: string | undefined;
}

/** An element of a file with its place: `line 3`, or `[2]` in a JSON list. */
export interface Located {
  readonly place: string;
  readonly result: ElementResult;
}

/** The format that a file's name stands for; undefined for any other name. */
export function formatOf(name: string): MessageFormat | undefined {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === 'json' || extension === 'csv' || extension === 'ndjson') return extension;
  return extension === 'jsonl' ? 'ndjson' : undefined;
}

/** Reads a file in pieces of some elements each. Rejects when it cannot be read at all. */
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
  const parsed = parseJson(withoutMark(await readFile(file.path, 'utf8')));
  if (!parsed.ok)
    yield [{ place: 'the file', result: { ok: false, message: `It is not JSON: ${parsed.message}` } }];
  else {
    const list = listOf(parsed.value);
    if (list === undefined) {
      const message = 'It is neither a list nor a BatchPutMessage request';
      yield [{ place: 'the file', result: { ok: false, message } }];
    } else yield list.map((value, index) => ({ place: `[${index}]`, result: readElement(value, timePath) }));
  }
}

function listOf(value: Json): readonly Json[] | undefined {
  if (isArray(value)) return value;
  const messages = isObject(value) ? value.messages : undefined;
  return messages !== undefined && isArray(messages) ? messages.map(decoded) : undefined;
}

/** An entry of BatchPutMessage, its payload out of base64. */
function decoded(entry: Json): Json {
  if (!isObject(entry) || typeof entry.payload !== 'string') return entry;
  return { ...entry, payload: Buffer.from(entry.payload, 'base64').toString('utf8') };
}

async function* readNdjson(file: MessageFile, { timePath }: MessageFileOptions): AsyncGenerator<Located[]> {
  let number = 0;
  let rest = '';
  const read = (lines: readonly string[]): Located[] => {
    const located: Located[] = [];
    for (const line of lines) {
      number++;
      if (line.trim() === '') continue;
      const parsed = parseJson(line);
      const result: ElementResult = parsed.ok
        ? readElement(parsed.value, timePath)
        : { ok: false, message: `It is not JSON: ${parsed.message}` };
      located.push({ place: `line ${number}`, result });
    }
    return located;
  };
  for await (const chunk of createReadStream(file.path, 'utf8')) {
    const lines = (rest + withoutMark(String(chunk))).split('\n');
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

/** A byte order mark is no part of the text. */
function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
