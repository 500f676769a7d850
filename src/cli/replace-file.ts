import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes a file that its owner alone may read, and gives it its name only when it is whole, on the disk and has passed
 * `check`; resolves with what that found. Rejects with the system's error, or what `check` rejects with, and then the file
 * is as it was.
 */
export async function replaceFile<T>(
  file: string,
  content: AsyncIterable<string | Buffer> | Iterable<string>,
  check: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = `${file}.writing`;
  // What is there under that name may be a link to somewhere else: it is not followed.
  await rm(draft, { force: true });
  try {
    await pipeline(
      Readable.from(content),
      createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
    );
    const found = await check(draft);
    await rename(draft, file);
    return found;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
