import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small real disk that can be filled; `missing` gives the reason where mounting is not permitted. */
export function smallDisk(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-disk-'));
  const path = join(folder, 'disk');
  mkdirSync(path);
  let missing: string | undefined;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    missing = `a disk of its own cannot be mounted: ${(error as Error).message.split('\n').at(-1)}`;
  }
  const remove = () => {
    if (missing === undefined) execFileSync('umount', ['-l', path]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { path, missing, remove };
}
