import { constants } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { Change, Changes } from './store.ts';
import { DELETED, WrittenRows } from './written-rows.ts';

/**
 * One commit as a frame of the journal:
 *
 *     crc32 of the rest | bytes of the frame | salt | number (64-bit float) | dropped ranges | state changes | rows
 *     | the length of each text, in UTF-16 units | all texts in UTF-8, concatenated
 *
 * A range is two texts, a change is key and value. Numbers are 32-bit little-endian unless noted; the value of a deleted
 * key has the length 2^32-1. State rows are usually written in that form already; all other texts are encoded in one
 * call, which is several times as fast as one call for each.
 */
export const HEADER = 32;

export interface Committed extends Required<Changes> {
  readonly state: readonly Change[];
}

export interface Frame {
  /** The number of its commit: one more than that of the previous frame. */
  readonly number: number;
  /** Its length in bytes. */
  readonly length: number;
  changes(): Committed;
  /** How many changes of state rows it has. */
  readonly stateCount: number;
  /** The keys of the state rows that it changes, and the ranges that it drops: less work than all changes. */
  touched(): { readonly keys: readonly string[] } & Pick<Committed, 'dropState'>;
  /** The changes of state rows that are wanted, by their places among all of them: less work than all changes. */
  someState(isWanted: (place: number) => boolean): Change[];
}

/**
 * `salt` distinguishes frames written by different openings of a directory; `allocate` returns the buffer for the
 * frame.
 */
export function encodeFrame(
  number: number,
  salt: number,
  changes: Changes,
  allocate: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const { dropState = [], state = [], rows = [] } = changes;
  const parts = [
    textsOf(dropState.map(({ from, to }) => [from, to])),
    state instanceof WrittenRows ? state : textsOf(state),
    textsOf(rows),
  ];
  const begin = HEADER + parts.reduce((sum, { lengths }) => sum + 4 * lengths.length, 0);
  const size = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  // More could not be read as one text again.
  if (size > constants.MAX_STRING_LENGTH) throw new RangeError('Invalid string length');
  const frame = allocate(begin + size);
  frame.writeUInt32LE(frame.length, 4);
  frame.writeUInt32LE(salt, 8);
  frame.writeDoubleLE(number, 12);
  frame.writeUInt32LE(dropState.length, 20);
  frame.writeUInt32LE(state.length, 24);
  frame.writeUInt32LE(rows.length, 28);
  let at = HEADER;
  for (const { lengths } of parts)
    for (let index = 0; index < lengths.length; index++)
      at = frame.writeUInt32LE(lengths[index] as number, at);
  for (const { bytes } of parts) {
    frame.set(bytes, at);
    at += bytes.length;
  }
  frame.writeUInt32LE(crc32(frame.subarray(4)), 0);
  return frame;
}

/** The texts of changes with their lengths, as `WrittenRows` has them. */
function textsOf(
  changes: readonly Change[],
): Pick<WrittenRows, 'bytes'> & { readonly lengths: readonly number[] } {
  const lengths: number[] = [];
  let text = '';
  for (const [key, value] of changes) {
    lengths.push(key.length, value === null ? DELETED : value.length);
    text += key;
    if (value !== null) text += value;
  }
  return { lengths, bytes: Buffer.from(text) };
}

/**
 * The frames at the beginning of a journal file, in order. They end where the last write was interrupted, or where
 * older contents of the file begin. Those up to number `obsolete` are not verified.
 */
export function* readFrames(bytes: Buffer, obsolete = 0): Generator<Frame> {
  let salt: number | undefined;
  let next: number | undefined;
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const frame = frameAt(bytes, at, obsolete);
    if (frame === undefined) return;
    const number = frame.readDoubleLE(12);
    salt ??= frame.readUInt32LE(8);
    next ??= number;
    if (frame.readUInt32LE(8) !== salt || number !== next) return;
    yield {
      number,
      length: frame.length,
      stateCount: frame.readUInt32LE(24),
      changes: () => decode(frame),
      touched: () => decodeTouched(frame),
      someState: (isWanted) => decodeSome(frame, isWanted),
    };
    next++;
    at += frame.length;
  }
}

/** The length in bytes that the header at the beginning of `bytes` tells; 0 when it is incomplete. */
export function lengthOfFrame(bytes: Buffer): number {
  return bytes.length < HEADER ? 0 : bytes.readUInt32LE(4);
}

function frameAt(bytes: Buffer, at: number, obsolete: number): Buffer | undefined {
  const length = bytes.readUInt32LE(at + 4);
  if (length < HEADER || at + length > bytes.length) return undefined;
  const frame = bytes.subarray(at, at + length);
  const number = frame.readDoubleLE(12);
  // Numbers begin at 1, so a smaller one is damage.
  if (number >= 1 && number <= obsolete) return frame;
  return crc32(frame.subarray(4)) === frame.readUInt32LE(0) ? frame : undefined;
}

function decode(frame: Buffer): Committed {
  const texts = new TextReader(frame);
  const { dropState, counts } = texts;
  const change = (): Change => [texts.take() ?? '', texts.take()];
  const state = Array.from({ length: counts.state }, change);
  return { dropState, state, rows: Array.from({ length: counts.rows }, change) };
}

function decodeTouched(frame: Buffer): ReturnType<Frame['touched']> {
  const texts = new TextReader(frame);
  const keys: string[] = [];
  for (let left = texts.counts.state; left > 0; left--) {
    keys.push(texts.take() ?? '');
    texts.skip();
  }
  return { keys, dropState: texts.dropState };
}

function decodeSome(frame: Buffer, isWanted: (place: number) => boolean): Change[] {
  const texts = new TextReader(frame);
  const changes: Change[] = [];
  for (let place = 0; place < texts.counts.state; place++) {
    if (isWanted(place)) changes.push([texts.take() ?? '', texts.take()]);
    else {
      texts.skip();
      texts.skip();
    }
  }
  return changes;
}

/** The texts of a frame in order, after those of the dropped ranges. */
class TextReader {
  readonly counts: { readonly state: number; readonly rows: number };
  readonly dropState: Committed['dropState'];
  readonly #frame: Buffer;
  readonly #text: string;
  /** Of the next length in the frame, and of the next text. */
  #lengthAt = HEADER;
  #at = 0;

  constructor(frame: Buffer) {
    const dropped = frame.readUInt32LE(20);
    this.counts = { state: frame.readUInt32LE(24), rows: frame.readUInt32LE(28) };
    this.#frame = frame;
    this.#text = frame.toString('utf8', HEADER + 8 * (dropped + this.counts.state + this.counts.rows));
    const range = () => ({ from: this.take() ?? '', to: this.take() ?? '' });
    this.dropState = Array.from({ length: dropped }, range);
  }

  /** Null for the value of a deleted key. */
  take(): string | null {
    const length = this.#length();
    if (length === DELETED) return null;
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }

  skip(): void {
    const length = this.#length();
    if (length !== DELETED) this.#at += length;
  }

  #length(): number {
    const length = this.#frame.readUInt32LE(this.#lengthAt);
    this.#lengthAt += 4;
    return length;
  }
}
