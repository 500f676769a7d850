import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../../src/core/expression/index.ts';
import { FUNCTION_HELP } from './functions.ts';

const page = readFileSync(new URL('../../../docs/reference/expressions.md', import.meta.url), 'utf8')
  .replaceAll('`', '')
  .replace(/\s+/g, ' ');

test('every function of the language has its help', () => {
  expect(Object.keys(FUNCTION_HELP).sort()).toEqual(Object.keys(FUNCTIONS).sort());
});

test.each(Object.values(FUNCTION_HELP))('$call is as the reference has it', ({ call, text }) => {
  expect(page).toContain(`${call}: ${text}`);
});
