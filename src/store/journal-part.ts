import { closeSync, openSync, readSync } from 'node:fs';
import { type Frame, lengthOfFrame, readFrames } from './frame.ts';
import { StoreError } from './store.ts';

/** The beginning of a journal's file. Can be sent to another thread. */
export interface JournalPart {
  readonly path: string;
  readonly bytes: number;
}

/** Bytes that are read at a time. */
const WINDOW = 128 * 1024;

/**
 * The commits of a part, in order, some at a time, which are valid until the next are asked for; reading these takes less
 * than 0.1 ms from the system's cache. Throws the system's error, and StoreError when they are not what was written, which
 * is noticed for certain if they are verified.
 */
export function* readPart({ path, bytes }: JournalPart, areVerified: boolean): Generator<readonly Frame[]> {
  const obsolete = areVerified ? 0 : Number.POSITIVE_INFINITY;
  const file = openSync(path, 'r');
  try {
    const window = Buffer.allocUnsafe(WINDOW);
    let buffer = window;
    for (let at = 0; at < bytes; ) {
      const bytesRead = readSync(file, buffer, 0, Math.min(buffer.length, bytes - at), at);
      const read = buffer.subarray(0, bytesRead);
      const frames = [...readFrames(read, obsolete)];
      yield frames;
      for (const { length } of frames) at += length;
      const length = lengthOfFrame(read);
      if (frames.length > 0) buffer = window;
      // Once more, with room for a frame that is longer than the window.
      else if (length > buffer.length && at + length <= bytes) buffer = Buffer.allocUnsafe(length);
      else throw new StoreError('CORRUPT', `The journal ${path} is corrupt at byte ${at}`);
    }
  } finally {
    closeSync(file);
  }
}
