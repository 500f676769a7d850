import { readFileSync, unwatchFile, watchFile } from 'node:fs';

/** Milliseconds between two looks at a file. Looking works also where files are replaced through links. */
const INTERVAL = 2000;

/**
 * Calls back with the contents of all files whenever one of them has changed, or at SIGHUP. Returns the function that
 * ends that.
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
