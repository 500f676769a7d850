/** The command was used wrongly: said on standard error, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command could not do what it should: said on standard error without a stack, exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
