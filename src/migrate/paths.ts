/** File paths with `/` as separator. Pure functions. */

/** Resolves `relative` in the folder of `path`. */
export function beside(path: string, relative: string): string {
  return join(folderOf(path), relative);
}

/** Empty for a path without a folder. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function join(folder: string, relative: string): string {
  if (relative.startsWith('/')) return relative;
  const parts: string[] = folder === '' ? [] : folder.split('/');
  for (const part of relative.split('/')) {
    const last = parts.at(-1);
    if (part === '..' && last !== undefined && last !== '..' && last !== '.' && last !== '') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
