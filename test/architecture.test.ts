import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/*
 * Imports run one way. The table of rooms in ARCHITECTURE.md is the rule: a room may import itself and what its row
 * names, nothing else.
 */

const ROOT = new URL('..', import.meta.url).pathname;
const rooms = readRooms();

test('every source file is in a room that ARCHITECTURE.md lists', () => {
  expect(sources().filter((file) => roomOf(file) === undefined)).toEqual([]);
});

test('every room of ARCHITECTURE.md exists and names only rooms', () => {
  const files = sources();
  for (const [room, allowed] of rooms) {
    expect(files.some((file) => file.startsWith(room))).toBe(true);
    for (const other of allowed) expect([...rooms.keys()]).toContain(other);
  }
});

test('imports run the way that ARCHITECTURE.md says', () => {
  const wrong = sources().flatMap((file) => {
    const from = roomOf(file) as string;
    return importsOf(file)
      .map((imported) => roomOf(imported))
      .filter((to) => to !== undefined && to !== from && !rooms.get(from)?.includes(to))
      .map((to) => `${file} imports ${to}`);
  });
  expect(wrong).toEqual([]);
});

/** Room to the rooms it may import, from the rows `| \`src/room/\` | … | rooms |`. */
function readRooms(): Map<string, string[]> {
  const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = page.matchAll(/^\| `(src\/[^`]+)`\s*\|[^|]*\|([^|]*)\|$/gm);
  const names = [...rows].map(([, room, allowed]) => [room as string, words(allowed as string)] as const);
  const all = names.map(([room]) => room);
  return new Map(
    names.map(([room, allowed], index) => [
      room,
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

/** `expression` stands for `src/core/expression/`; a name that fits no room is given back as it is. */
function placeOf(name: string, all: readonly string[]): string {
  const exact = all.find((room) => room === `src/${name}/` || room === `src/${name}`);
  return exact ?? all.find((room) => room.endsWith(`/${name}/`)) ?? name;
}

/** The room with the longest name that the file is in. */
function roomOf(file: string): string | undefined {
  return [...rooms.keys()].filter((room) => file.startsWith(room)).sort((a, b) => b.length - a.length)[0];
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
