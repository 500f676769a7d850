import { createHash } from 'node:crypto';
import { StoreError } from './store.ts';

/**
 * A backup consists of lines of JSON:
 *
 *     {"tripline":"backup","format":1}
 *     [key, value in base64]            every row of the database, in key order
 *     {"rows":…,"sha256":…}             the number of rows, and the digest of all preceding lines
 *
 * The last line distinguishes a complete backup from one that was truncated or changed.
 */
export type RawRow = readonly [key: string, value: Buffer];

const HEADER = '{"tripline":"backup","format":1}\n';

/** Characters of one piece: large enough to compress well. */
const PIECE = 64 * 1024;

export async function* writeBackup(rows: AsyncIterable<RawRow>): AsyncGenerator<string> {
  const hash = createHash('sha256').update(HEADER);
  yield HEADER;
  let count = 0;
  let piece = '';
  for await (const [key, value] of rows) {
    const line = `${JSON.stringify([key, value.toString('base64')])}\n`;
    hash.update(line);
    count++;
    piece += line;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}{"rows":${count},"sha256":"${hash.digest('hex')}"}\n`;
}

/**
 * Parses the rows of a backup. Throws StoreError at the end when the backup is incomplete or changed, so its rows must
 * not be used before that.
 */
export async function* readBackup(lines: AsyncIterable<string>): AsyncGenerator<RawRow> {
  const hash = createHash('sha256');
  let count = 0;
  let isFirst = true;
  for await (const line of lines) {
    if (isFirst) {
      if (`${line}\n` !== HEADER) throw damaged('it is not a backup in the format of this version');
      isFirst = false;
    } else if (line.startsWith('{')) {
      if (line !== `{"rows":${count},"sha256":"${hash.digest('hex')}"}`)
        throw damaged(`its rows do not match its checksum`);
      for await (const more of lines) throw damaged(`there is data after its end: ${more.slice(0, 40)}`);
      return;
    } else {
      yield readRow(line, ++count);
    }
    hash.update(`${line}\n`);
  }
  throw damaged(isFirst ? 'it is empty' : `it ends after ${count} rows`);
}

function readRow(line: string, number: number): RawRow {
  try {
    const [key, value] = JSON.parse(line) as [string, string];
    return [key, Buffer.from(value, 'base64')];
  } catch (cause) {
    throw damaged(`row ${number} cannot be read`, cause);
  }
}

function damaged(why: string, cause?: unknown): StoreError {
  return new StoreError('CORRUPT', `The backup cannot be used: ${why}`, { cause });
}
