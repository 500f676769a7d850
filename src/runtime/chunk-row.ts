import { fnv1a, mix, separate } from '../hash.ts';
import { type RowWriter, rowConstant } from '../row-writer.ts';

/** The part of a message's id that its row has. */
export interface RowId {
  readonly inputName: string;
  readonly messageId: string;
}

const HEAD = /^\{"time":(-?\d+),"ids":\[/;

/**
 * Writes the row of the ids that one turn has accepted: `{"time":…,"ids":[[inputName,messageId],…]}`, as `JSON.stringify`
 * writes it.
 */
export function writeChunk(time: number, ids: readonly RowId[], out: RowWriter): void {
  let name: string | undefined;
  let begin = EMPTY;
  out.constant(TIME);
  out.number(time);
  out.constant(IDS);
  for (let index = 0; index < ids.length; index++) {
    const { inputName, messageId } = ids[index] as RowId;
    if (inputName !== name) {
      name = inputName;
      begin = rowConstant(`[${JSON.stringify(inputName)},`);
    }
    if (index > 0) out.text(',');
    out.constant(begin);
    out.json(messageId);
    out.text(']');
  }
  out.text(']}');
}

const EMPTY = rowConstant('');
const TIME = rowConstant('{"time":');
const IDS = rowConstant(',"ids":[');

/** The form in which the row of a chunk contains an id. */
export function renderId({ inputName, messageId }: RowId): string {
  return JSON.stringify([inputName, messageId]);
}

/**
 * Calls back with the fingerprint of each id in a row, in order, and returns its time. Without escapes they are read where
 * they are: after a restart there may be millions.
 */
export function readChunk(row: string, seed: number, visit: (fingerprint: number) => void): number {
  const head = row.includes('\\') ? null : HEAD.exec(row);
  if (head === null) {
    const { time, ids } = JSON.parse(row) as { time: number; ids: readonly [string, string][] };
    const fingerprintOf = fingerprintsOf(seed);
    for (const [inputName, messageId] of ids) visit(fingerprintOf(inputName, messageId));
    return time;
  }
  /** What precedes an id, `["inputName","`, and the hash of that name: usually the same for all. */
  let before = '';
  let begun = 0;
  for (let at = head[0].length; row[at] === '['; ) {
    if (before === '' || !row.startsWith(before, at)) {
      const name = at + 2;
      const nameEnd = row.indexOf('"', name);
      before = row.slice(at, nameEnd + 3);
      begun = separate(fnv1a(row, seed, name, nameEnd));
    }
    const id = at + before.length;
    const idEnd = row.indexOf('"', id);
    visit(finished(fnv1a(row, begun, id, idEnd)));
    // After `"],` or, at the end, `"]`.
    at = idEnd + 3;
    if (row[idEnd + 2] !== ',') break;
  }
  return Number(head[1]);
}

/** Returns a function that computes the fingerprints of ids, faster when the names of their inputs repeat. */
export function fingerprintsOf(seed: number): (inputName: string, messageId: string) => number {
  let latest: string | undefined;
  let begun = 0;
  return (inputName, messageId) => {
    if (inputName !== latest) {
      latest = inputName;
      begun = separate(fnv1a(inputName, seed));
    }
    return finished(fnv1a(messageId, begun));
  };
}

/** Never 0, which marks a free place in the table of fingerprints. */
function finished(hash: number): number {
  return mix(hash) || 1;
}
