import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/* Every message in docs/troubleshooting.md is one that the product prints: its parts occur in one source file. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function sources(): string[] {
  const files = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => `src/${file}`);
  return [...files, 'bin/tripline.js'].map((file) => joined(readFileSync(`${ROOT}${file}`, 'utf8')));
}

/** Joins texts that are concatenated over several lines. */
function joined(text: string): string {
  return text.replaceAll(/['`]\s*\+\s*['`]/g, '');
}

const page = readFileSync(`${ROOT}docs/troubleshooting.md`, 'utf8');
const messages = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message = '']) => message);

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

test('each cause and each remedy is there', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.filter((row) => row.split(' | ').filter((cell) => cell.trim() !== '|').length !== 3)).toEqual(
    [],
  );
});
