import { parseJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import { payloadOf } from '../payload.ts';
import { parseTime } from '../times.ts';
import type { ElementResult } from './element.ts';

/** The meaning of the columns of a CSV file. */
export interface CsvColumns {
  readonly columns: readonly CsvColumn[];
}

interface CsvColumn {
  readonly role: 'attribute' | 'inputName' | 'messageId' | 'time';
  /** Path of the attribute in the payload. */
  readonly path: readonly string[];
  /** Keeps values that look like numbers as text. */
  readonly isText: boolean;
}

const TEXT = ':string';

export function readHeader(names: readonly string[], timeColumn: string): CsvColumns {
  return {
    columns: names.map((given): CsvColumn => {
      const isText = given.endsWith(TEXT);
      const name = isText ? given.slice(0, -TEXT.length) : given;
      const role =
        name === timeColumn ? 'time' : name === 'inputName' || name === 'messageId' ? name : 'attribute';
      return { role, path: name.split('.'), isText };
    }),
  };
}

/** Returns the message of one row. Empty cells are absent attributes. */
export function readRow({ columns }: CsvColumns, cells: readonly string[]): ElementResult {
  const payload: Record<string, Json> = {};
  let time: number | undefined;
  let inputName: string | undefined;
  let messageId: string | undefined;
  for (const [index, { role, path, isText }] of columns.entries()) {
    const cell = cells[index] ?? '';
    if (cell === '') continue;
    if (role === 'attribute') put(payload, path, isText ? cell : readCell(cell));
    else if (role === 'inputName') inputName = cell;
    else if (role === 'messageId') messageId = cell;
    else {
      time = parseTime(cell);
      if (time === undefined) return { ok: false, message: `${path.join('.')} is not a time: ${cell}` };
    }
  }
  const element = {
    kind: 'message',
    time,
    inputName,
    messageId,
    payload: payloadOf(payload),
    isCaused: false,
  } as const;
  return { ok: true, element };
}

/** Reads a JSON number, true, false or null; anything else is text. */
export function readCell(cell: string): Json {
  if (!/^(-?\d\S*|true|false|null)$/.test(cell)) return cell;
  const parsed = parseJson(cell);
  return parsed.ok && typeof parsed.value !== 'string' ? parsed.value : cell;
}

/** Sets a value at a path, creating the objects on the way. */
export function put(into: Record<string, Json>, path: readonly string[], value: Json): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    define(into, first, value);
    return;
  }
  const inner = Object.hasOwn(into, first) ? into[first] : undefined;
  const target = (typeof inner === 'object' && inner !== null ? inner : {}) as Record<string, Json>;
  put(target, rest, value);
  define(into, first, target);
}

/** Defines an own member, even one named `__proto__`. */
function define(into: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
}
