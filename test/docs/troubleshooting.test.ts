import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/* Every message in docs/troubleshooting.md is one that the product prints: its parts occur in one source file. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function sources(): string[] {
  const files = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => `src/${file}`);
  return [...files, 'bin/tripline.js'].map((file) =>
    joined(withoutComments(readFileSync(`${ROOT}${file}`, 'utf8'))),
  );
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
}

/** Joins texts that are concatenated over several lines. */
function joined(text: string): string {
  return text.replaceAll(/['`]\s*\+\s*['`]/g, '');
}

const page = readFileSync(`${ROOT}docs/troubleshooting.md`, 'utf8');
// A message with a remark after it, such as the client that prints it, may be that of another program.
const rows = [...page.matchAll(/^\| `([^`]+)`([^|]*)\|/gm)];
const messages = rows.flatMap(([, message = '', remark = '']) => (remark === ' ' ? [message] : []));

test('there are messages for every chapter', () => {
  const chapters = page.split('\n## ').slice(1);
  expect(chapters.filter((chapter) => !/^\| `[^`]+` \|/m.test(chapter))).toEqual([]);
  expect(messages.length).toBeGreaterThan(25);
});

test('each is in the source', () => {
  const all = sources();
  const parts = (message: string) =>
    message
      .split('…')
      .map((part) => part.trim())
      .filter(Boolean);
  const unknown = messages.filter(
    (message) => !all.some((text) => parts(message).every((part) => text.includes(part))),
  );
  expect(unknown).toEqual([]);
});

/** The messages of the server's log, which the sources write as a whole. */
const logged = new Set(
  sources().flatMap((text) =>
    [...text.matchAll(/\blog\.(?:info|warn|error)\([^;]*?(['`])([^'`]* [^'`]*)\1,?\s*\)/gs)].map(
      ([, , message = '']) => message,
    ),
  ),
);

test('a message of the log is there as a whole', () => {
  expect(logged.size).toBeGreaterThan(50);
  const inPart = rows
    .map(([, message = '']) => message)
    .filter((message) => /^[a-z]/.test(message) && !logged.has(message))
    .filter((message) => [...logged].some((whole) => whole.includes(message) || message.includes(whole)));
  expect(inPart).toEqual([]);
});

test('each cause and each remedy is there', () => {
  const lines = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(lines.filter((row) => row.split(' | ').filter((cell) => cell.trim() !== '|').length !== 3)).toEqual(
    [],
  );
});
