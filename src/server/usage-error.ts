/** The command was used incorrectly: printed on standard error, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command failed: printed on standard error without a stack, exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
