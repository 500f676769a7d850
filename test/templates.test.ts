import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runScenarioFiles } from '../src/simulate/files/run-scenario-files.ts';
import { runCli } from './support/run-cli.ts';

const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url));
const NAMES = readdirSync(TEMPLATES).sort();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-init-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('there are at least eight templates', () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(8);
});

test.each(NAMES)('the scenarios of %s pass and reach every transition', (name) => {
  const { summary, coverage } = runScenarioFiles([join(TEMPLATES, name)], { tags: [], name: undefined });
  expect(summary.failed).toBe(0);
  const [model] = coverage.models;
  expect(model?.transitions.uncovered).toEqual([]);
  expect(model?.states.uncovered).toEqual([]);
  expect(model?.events.uncovered).toEqual([]);
});

test.each(NAMES)('%s can be imported without a finding of level ERROR', async (name) => {
  const { code, out } = await runCli('import', join(TEMPLATES, name), '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out).summary).toMatchObject({ inputs: 1, detectorModels: 1, errors: 0 });
});

test('init lists the templates with a sentence on when to use each', async () => {
  const { out } = await runCli('init', '--json');
  const { templates } = JSON.parse(out) as { templates: { name: string; title: string; use: string }[] };
  expect(templates.map(({ name }) => name)).toEqual(NAMES);
  for (const { use } of templates) expect(use).toMatch(/^Use it .*\.$/);
});

test('init copies a template that passes where it is, and overwrites nothing', async () => {
  const target = join(folder, 'pump');
  expect((await runCli('init', 'threshold', target)).code).toBe(0);
  expect((await runCli('test', target)).code).toBe(0);
  writeFileSync(join(target, 'threshold.json'), '{}');
  const again = await runCli('init', 'threshold', target);
  expect(again.code).toBe(1);
  expect(again.err).toContain('threshold.json');
  expect((await runCli('init', 'threshold', target, '--force')).code).toBe(0);
  expect((await runCli('test', target)).code).toBe(0);
});

test('init knows its templates', async () => {
  const { code, err } = await runCli('init', 'trhreshold');
  expect(code).toBe(2);
  expect(err).toContain('heartbeat');
});
