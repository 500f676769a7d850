import { md5 } from '@noble/hashes/legacy.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64urlnopad } from '@scure/base';

/** Characters of a fingerprint: 64 bits. */
const FINGERPRINT = 11;

/** Distinguishes messages for one instance; the same on every worker. */
export function fingerprintOf(
  epoch: number,
  keyValue: string | undefined,
  inputName: string,
  messageId: string,
): string {
  const bytes = md5(utf8ToBytes(`${epoch}/${keyValue ?? ''}/${inputName}/${messageId}`));
  return base64urlnopad.encode(bytes.subarray(0, 8));
}

/** Characters of an entry in a list: a fingerprint and its time. */
const ENTRY = FINGERPRINT + 4;

/** Milliseconds for which entries are added to a list. */
export const LIST_SPAN = 30_000;

/** An entry for a message that arrived so many milliseconds (below 65,536) after the start of its list. */
export function entryOf(fingerprint: string, milliseconds: number): string {
  return fingerprint + milliseconds.toString(16).padStart(4, '0');
}

/** The fingerprints in a list with their times, in milliseconds after its start. */
export function* fingerprintsIn(list: string): Generator<readonly [string, number]> {
  for (let at = 0; at < list.length; at += ENTRY)
    yield [list.slice(at, at + FINGERPRINT), Number.parseInt(list.slice(at + FINGERPRINT, at + ENTRY), 16)];
}
