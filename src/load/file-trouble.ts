/**
 * Why a file or folder cannot be read or written, in words: the system's own message is a code and the name of a call.
 * Any other error keeps its message.
 */
export function fileTrouble(error: unknown): string {
  const { code = '' } = (error ?? {}) as NodeJS.ErrnoException;
  const said = error instanceof Error ? error.message : String(error);
  return REASONS[code] ?? said;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'there is a file of that name already',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'its file system is read-only',
  ENOSPC: 'there is no space left on its disk',
  EDQUOT: 'the quota of its disk is used up',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'it is a link to itself',
};

/** The same for a file that is to be written: what is missing is then its folder. */
export function writeTrouble(error: unknown): string {
  const isNoFolder = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
  return isNoFolder ? 'there is no such folder; create it first' : fileTrouble(error);
}
