import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('docs/configuration.md lists every setting as it is ("npm run docs" brings it up to date)', () => {
  const script = fileURLToPath(new URL('../../scripts/configuration-page.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});
