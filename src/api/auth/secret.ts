import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a secret is the expected one; compares hashes, so that the timing reveals nothing about it. */
export function isSecret(expected: string, given: Buffer | undefined): boolean {
  const hash = (content: string | Buffer) => createHash('sha256').update(content).digest();
  return given !== undefined && timingSafeEqual(hash(expected), hash(given));
}
