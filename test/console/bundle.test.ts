import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';

const CONSOLE = new URL('../../dist/console/', import.meta.url);
/** Compressed bytes of the first load of the console. */
const FIRST_LOAD = 250_000;
const LARGEST_SCREEN = 250_000;

const page = readFileSync(new URL('index.html', CONSOLE), 'utf8');
const compressed = (file: string) => statSync(new URL(`${file}.gz`, CONSOLE)).size;

/** A script and its static imports, direct and indirect. */
function withImports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(new URL(file, CONSOLE), 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g))
    withImports(`assets/${name}`, seen);
  return seen;
}

const entries = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(
  ([, file]) => file as string,
);
const first = new Set(entries.flatMap((file) => (file.endsWith('.js') ? [...withImports(file)] : [file])));
const size = (files: Iterable<string>) => [...files].reduce((sum, file) => sum + compressed(file), 0);

test('the first load is small', () => {
  expect(entries.length).toBeGreaterThan(1);
  expect(size(first)).toBeLessThanOrEqual(FIRST_LOAD);
});

test('no screen adds much to it', () => {
  const entry = entries.find((file) => file.endsWith('.js')) ?? '';
  const text = readFileSync(new URL(entry, CONSOLE), 'utf8');
  const lazy = [...text.matchAll(/import\(["'`]\.\/([\w.-]+\.js)["'`]\)/g)].map(
    ([, name]) => `assets/${name}`,
  );
  expect(lazy.length).toBeGreaterThan(8);
  for (const file of lazy) {
    const added = size([...withImports(file)].filter((each) => !first.has(each)));
    expect([file, added]).toEqual([file, Math.min(added, LARGEST_SCREEN)]);
  }
});

test('nothing is loaded from elsewhere', () => {
  expect(page).not.toMatch(/https?:\/\//);
});
