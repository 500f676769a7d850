import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Family, ofTexts, type SqlFunction } from './function.ts';
import { md2 } from './md2.ts';

/** Hashes of the UTF-8 bytes, in lower-case hexadecimal (docs/topic-rules.md: The SQL). */
export const HASH_FUNCTIONS: Family = {
  md2: hashed(md2),
  md5: hashed(md5),
  sha1: hashed(sha1),
  sha224: hashed(sha224),
  sha256: hashed(sha256),
  sha384: hashed(sha384),
  sha512: hashed(sha512),
};

function hashed(hash: (bytes: Uint8Array) => Uint8Array): SqlFunction {
  return ofTexts(1, ([text = ''], { budget }) =>
    budget.spend(text.length) ? bytesToHex(hash(utf8ToBytes(text))) : undefined,
  );
}
