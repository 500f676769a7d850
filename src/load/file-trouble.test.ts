import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileTrouble, writeTrouble } from './file-trouble.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-trouble-'));
  writeFileSync(join(folder, 'file'), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

function failureOf(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

test.each([
  ['missing', 'there is no such file or folder'],
  ['.', 'it is a folder, not a file'],
  ['file/below', 'a part of its path is a file, not a folder'],
  ['a'.repeat(300), 'its name is too long'],
])('reading %s', (path, reason) => {
  expect(fileTrouble(failureOf(() => readFileSync(join(folder, path))))).toBe(reason);
});

test('writing into a folder that is not there', () => {
  const failure = failureOf(() => writeFileSync(join(folder, 'missing', 'file'), ''));
  expect(writeTrouble(failure)).toBe('there is no such folder; create it first');
});

test('any other error keeps its message', () => {
  expect(fileTrouble(failureOf(() => JSON.parse('{')))).toContain('JSON');
  expect(fileTrouble('text')).toBe('text');
});
