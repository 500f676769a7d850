import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/*
 * Imports have one direction. The table of folders in ARCHITECTURE.md is the rule: a folder may import only itself and
 * the folders in its row.
 */

const ROOT = new URL('..', import.meta.url).pathname;
const folders = readFolders();

test('every source file is in a folder that ARCHITECTURE.md lists', () => {
  expect(sources().filter((file) => folderOf(file) === undefined)).toEqual([]);
});

test('every folder of ARCHITECTURE.md exists and names only folders', () => {
  const files = sources();
  for (const [folder, allowed] of folders) {
    expect(files.some((file) => file.startsWith(folder))).toBe(true);
    for (const other of allowed) expect([...folders.keys()]).toContain(other);
  }
});

test('imports run the way that ARCHITECTURE.md says', () => {
  const wrong = sources().flatMap((file) => {
    const from = folderOf(file) as string;
    return importsOf(file)
      .map((imported) => folderOf(imported))
      .filter((to) => to !== undefined && to !== from && !folders.get(from)?.includes(to))
      .map((to) => `${file} imports ${to}`);
  });
  expect(wrong).toEqual([]);
});

/** Folder to the folders it may import, from the rows `| \`src/folder/\` | … | folders |`. */
function readFolders(): Map<string, string[]> {
  const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = page.matchAll(/^\| `(src\/[^`]+)`\s*\|[^|]*\|([^|]*)\|$/gm);
  const names = [...rows].map(([, folder, allowed]) => [folder as string, words(allowed as string)] as const);
  const all = names.map(([folder]) => folder);
  return new Map(
    names.map(([folder, allowed], index) => [
      folder,
      allowed.flatMap((name) => (name === 'all above' ? all.slice(0, index) : [placeOf(name, all)])),
    ]),
  );
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== '–');
}

/** `expression` means `src/core/expression/`; a name that matches no folder is returned unchanged. */
function placeOf(name: string, all: readonly string[]): string {
  const exact = all.find((folder) => folder === `src/${name}/` || folder === `src/${name}`);
  return exact ?? all.find((folder) => folder.endsWith(`/${name}/`)) ?? name;
}

/** The folder with the longest path that contains the file. */
function folderOf(file: string): string | undefined {
  return [...folders.keys()]
    .filter((folder) => file.startsWith(folder))
    .sort((a, b) => b.length - a.length)[0];
}

function sources(): string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => `src/${file}`)
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|d)\.ts$/.test(file));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    ([, specifier]) => specifier as string,
  );
  return specifiers.map((specifier) => relative(ROOT, join(ROOT, dirname(file), specifier)));
}
