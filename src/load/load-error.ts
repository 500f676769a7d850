/** A path that cannot be read, or a flag that means nothing for the files: wrong use of whatever took it. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}
