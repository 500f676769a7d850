import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64 } from '@scure/base';

/** The bytes of a text in UTF-8 as base64, with padding. */
export function base64OfText(text: string): string {
  return base64.encode(utf8ToBytes(text));
}
