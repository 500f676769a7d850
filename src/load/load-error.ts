/** A usage error: a path that cannot be read, or an option that does not apply to the files. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}
