import { StoreError } from './store.ts';

/** The error to report when LevelDB cannot open a directory. */
export function openError(error: unknown, directory: string): StoreError {
  const cause = error instanceof Error ? error.cause : undefined;
  if ((cause as NodeJS.ErrnoException | undefined)?.code === 'LEVEL_LOCKED') {
    const message = `The data directory ${directory} is in use by another process`;
    return new StoreError(
      'IN_USE',
      `${message}. Stop that one, or choose another directory with --data-dir.`,
      { cause },
    );
  }
  return storeError(cause ?? error, `The data directory ${directory} cannot be opened`);
}

/** Wraps an error of the system or of LevelDB with advice; `what` names the operation that failed. */
export function storeError(cause: unknown, what: string): StoreError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const code = /no space left/i.test(said)
    ? 'NO_SPACE'
    : /read-only|permission denied|EACCES|EROFS/i.test(said)
      ? 'READ_ONLY'
      : /corrupt/i.test(said)
        ? 'CORRUPT'
        : 'FAILED';
  const why = IN_WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? said;
  return new StoreError(code, `${what}: ${why}${ADVICE[code] ?? ''}`, { cause });
}

/** The system's own words are those of the call that failed: "file already exists, mkdir". */
const IN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(EEXIST|ENOTDIR)\b/, 'it, or a part of its path, is a file and not a folder. Choose another one'],
  [/^(EACCES|EPERM)\b/, 'permission is denied'],
  [/^EROFS\b/, 'it is on a read-only file system'],
];

/** What to do about it, where that depends on the cause. */
const ADVICE: Readonly<Partial<Record<StoreError['code'], string>>> = {
  NO_SPACE: '. Make room on its disk',
  READ_ONLY: '. Make it writable for the user that the server runs as',
  CORRUPT: '. Restore a backup',
};
