import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64 } from '@scure/base';

/** Encodes a text as UTF-8 and then as base64 with padding. */
export function base64OfText(text: string): string {
  return base64.encode(utf8ToBytes(text));
}
