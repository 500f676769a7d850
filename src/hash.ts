/** The offset basis of 32-bit FNV-1a. */
export const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * 32-bit FNV-1a over the UTF-16 code units of a text, or of a part of it, continuing from `hash`: the basis, a seed, or
 * an earlier result.
 */
export function fnv1a(text: string, hash: number, from = 0, to = text.length): number {
  let next = hash;
  for (let at = from; at < to; at++) next = Math.imul(next ^ text.charCodeAt(at), FNV_PRIME);
  return next;
}

/** The same over bytes. */
export function fnv1aOfBytes(bytes: Uint8Array, from: number, to: number, hash: number): number {
  let next = hash;
  for (let at = from; at < to; at++) next = Math.imul(next ^ (bytes[at] as number), FNV_PRIME);
  return next;
}

/** Continues from `hash` over a zero unit, to separate two texts that are hashed one after the other. */
export function separate(hash: number): number {
  return Math.imul(hash, FNV_PRIME);
}

/** Mixes the high bits into the low ones, for tables indexed by the low bits. */
export function mix(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
