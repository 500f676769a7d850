import { readFileSync, unwatchFile, watchFile } from 'node:fs';

/** Milliseconds between two checks of a file. Polling also works when files are replaced through symbolic links. */
const INTERVAL = 2000;

/**
 * Calls back with the contents of all files whenever one of them has changed, or on SIGHUP. Returns a function that
 * stops watching.
 */
export function watchFiles(
  paths: readonly string[],
  onChange: (contents: readonly string[]) => void,
  onError: (error: unknown) => void,
  interval = INTERVAL,
): () => void {
  const look = () => {
    try {
      onChange(paths.map((path) => readFileSync(path, 'utf8')));
    } catch (error) {
      onError(error);
    }
  };
  for (const path of paths) watchFile(path, { interval, persistent: false }, look);
  process.on('SIGHUP', look);
  return () => {
    for (const path of paths) unwatchFile(path, look);
    process.off('SIGHUP', look);
  };
}
