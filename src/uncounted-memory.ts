/**
 * Memory outside the heap for what lives long. V8 counts other such memory, and collects the whole heap each time there are
 * 64 MB more of it, to free what it belongs to: nothing, here. It does not count memory that threads may share.
 */
export function uncountedMemory(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}
