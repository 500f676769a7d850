import { describe, expect, test } from 'vitest';
import { printable, tableLines } from './table.ts';

const rows = [
  { name: 'P-101', note: 'a long note about the pump that fills the upper tank' },
  { name: 'P-102', note: 'short' },
];
const columns = [
  { title: 'NAME', cell: ({ name }: (typeof rows)[0]) => name },
  { title: 'NOTE', cell: ({ note }: (typeof rows)[0]) => note, flexible: true },
];

describe('a table', () => {
  test('is as wide as its cells where there is room', () => {
    expect(tableLines(columns, rows)).toEqual([
      'NAME   NOTE',
      'P-101  a long note about the pump that fills the upper tank',
      'P-102  short',
    ]);
  });

  test('cuts flexible columns to the width of the terminal', () => {
    const lines = tableLines(columns, rows, 30);
    expect(lines[1]).toBe('P-101  a long note about the …');
    expect(Math.max(...lines.map((line) => line.length))).toBe(30);
  });

  test('cuts no column below what can be read', () => {
    expect(tableLines(columns, rows, 5)[1]).toBe('P-101  a long note…');
  });
});

test('control characters are shown, not obeyed', () => {
  expect(printable('a\u001b[31mb\nc')).toBe('a\\u001b[31mb\\nc');
});
