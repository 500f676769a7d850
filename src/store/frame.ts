import { constants, isAscii } from 'node:buffer';
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
  /** The ranges of state rows that it drops. */
  dropState(): Committed['dropState'];
  /** Calls `visit` for each state row that it changes, in order: less work than all changes. */
  eachStateKey(visit: KeyVisit): void;
  /** The changes of state rows that are wanted, by their places among all of them: less work than all changes. */
  someState(isWanted: (place: number) => boolean): Change[];
}

/** Takes a key in UTF-8, the bytes from `from` to `to`, which are valid until it returns. */
type KeyVisit = (bytes: Uint8Array, from: number, to: number) => void;

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
      dropState: () => decodeDropped(frame),
      eachStateKey: (visit) => visitKeys(frame, visit),
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
  const { dropped, state, rows, begin } = partsOf(frame);
  const places = new TextPlaces(frame, begin);
  const all = frame.toString('utf8', begin);
  const text = (): string => {
    places.next();
    return all.slice(places.from, places.to);
  };
  const change = (): Change => {
    const key = text();
    const value = text();
    return [key, places.isDeleted ? null : value];
  };
  return {
    dropState: Array.from({ length: dropped }, () => ({ from: text(), to: text() })),
    state: Array.from({ length: state }, change),
    rows: Array.from({ length: rows }, change),
  };
}

function decodeDropped(frame: Buffer): Committed['dropState'] {
  return partsOf(frame).dropped === 0 ? [] : decode(frame).dropState;
}

function visitKeys(frame: Buffer, visit: KeyVisit): void {
  const { dropped, state, begin } = partsOf(frame);
  const places = new TextPlaces(frame, begin);
  places.skip(2 * dropped);
  const text = textUnlessAscii(frame, begin);
  for (let left = state; left > 0; left--) {
    places.next();
    if (text === undefined) visit(frame, begin + places.from, begin + places.to);
    else {
      const key = Buffer.from(text.slice(places.from, places.to));
      visit(key, 0, key.length);
    }
    places.next();
  }
}

function decodeSome(frame: Buffer, isWanted: (place: number) => boolean): Change[] {
  const { dropped, state, begin } = partsOf(frame);
  const places = new TextPlaces(frame, begin);
  places.skip(2 * dropped);
  const text = textUnlessAscii(frame, begin);
  const take = (): string => {
    places.next();
    return text === undefined
      ? frame.toString('latin1', begin + places.from, begin + places.to)
      : text.slice(places.from, places.to);
  };
  const changes: Change[] = [];
  for (let place = 0; place < state; place++) {
    if (isWanted(place)) {
      const key = take();
      const value = take();
      changes.push([key, places.isDeleted ? null : value]);
    } else places.skip(2);
  }
  return changes;
}

/**
 * How many dropped ranges, changes of state and of other rows a frame has, and where its texts begin. Throws RangeError
 * when there is no room for as many, in a frame that was not verified.
 */
function partsOf(frame: Buffer) {
  const dropped = frame.readUInt32LE(20);
  const state = frame.readUInt32LE(24);
  const rows = frame.readUInt32LE(28);
  const begin = HEADER + 8 * (dropped + state + rows);
  if (begin > frame.length) throw new RangeError('The frame is shorter than its lengths of texts');
  return { dropped, state, rows, begin };
}

/** The texts of a frame from `begin` on; undefined when they are ASCII, of which each part can be read by itself. */
function textUnlessAscii(frame: Buffer, begin: number): string | undefined {
  return isAscii(frame.subarray(begin)) ? undefined : frame.toString('utf8', begin);
}

/**
 * Where each text of a frame is among all of them, in UTF-16 units. Throws RangeError for one that is beyond the frame,
 * which was not verified then.
 */
class TextPlaces {
  from = 0;
  to = 0;
  /** Whether there is no text: the value of a deleted key. */
  isDeleted = false;
  readonly #frame: Buffer;
  /** Units that there can be at most: each takes a byte or more. */
  readonly #most: number;
  #lengthAt = HEADER;

  constructor(frame: Buffer, begin: number) {
    this.#frame = frame;
    this.#most = frame.length - begin;
  }

  next(): void {
    const length = this.#frame.readUInt32LE(this.#lengthAt);
    this.#lengthAt += 4;
    this.from = this.to;
    this.isDeleted = length === DELETED;
    if (this.isDeleted) return;
    this.to += length;
    if (this.to > this.#most) throw new RangeError('A text is beyond the end of its frame');
  }

  skip(texts: number): void {
    for (let left = texts; left > 0; left--) this.next();
  }
}
