import { isArray, parseJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import { isObject } from '../payload.ts';
import { type ElementResult, readElement } from './element.ts';

/** An element of a file with its position: `line 3`, or `[2]` in a JSON list. */
export interface Located {
  readonly place: string;
  readonly result: ElementResult;
}

export type MessageFormat = 'json' | 'ndjson' | 'csv';

/** The format that a file's extension indicates; undefined for any other name. */
export function formatOf(name: string): MessageFormat | undefined {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === 'json' || extension === 'csv' || extension === 'ndjson') return extension;
  return extension === 'jsonl' ? 'ndjson' : undefined;
}

/** Removes a byte order mark. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Reads the elements of a JSON list or of a BatchPutMessage request. `timePath` is as in `readElement`. */
export function readJsonText(text: string, timePath: string | undefined): Located[] {
  const wrong = (message: string): Located[] => [{ place: 'the file', result: { ok: false, message } }];
  const parsed = parseJson(withoutMark(text));
  if (!parsed.ok) return wrong(`It is not JSON: ${parsed.message}`);
  const list = listOf(parsed.value);
  if (list === undefined) return wrong('It is neither a list nor a BatchPutMessage request');
  return list.map((value, index) => ({ place: `[${index}]`, result: readElement(value, timePath) }));
}

/** Reads the element on one line of NDJSON; undefined for an empty line. Lines are numbered from 1. */
export function readNdjsonLine(
  line: string,
  number: number,
  timePath: string | undefined,
): Located | undefined {
  if (line.trim() === '') return undefined;
  const parsed = parseJson(line);
  const result: ElementResult = parsed.ok
    ? readElement(parsed.value, timePath)
    : { ok: false, message: `It is not JSON: ${parsed.message}` };
  return { place: `line ${number}`, result };
}

function listOf(value: Json): readonly Json[] | undefined {
  if (isArray(value)) return value;
  const messages = isObject(value) ? value.messages : undefined;
  return messages !== undefined && isArray(messages) ? messages.map(decoded) : undefined;
}

/** An entry of BatchPutMessage with its payload decoded. */
function decoded(entry: Json): Json {
  if (!isObject(entry) || typeof entry.payload !== 'string') return entry;
  return { ...entry, payload: fromBase64(entry.payload) };
}

/** Decodes base64 to text. Invalid base64 stays unchanged and is later rejected as a payload that is not JSON. */
function fromBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
  } catch {
    return text;
  }
}
