import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../limits.ts';
import type { DetectorModelDefinition } from '../definition.ts';
import type { AnalysisContext, Diagnostic } from './finding.ts';
import { takeApart } from './subject.ts';

/** Each diagnostic has a page with a wrong and a right example, and the examples behave as the page says. */
const PAGES = new URL('../../../../docs/diagnostics/', import.meta.url);
const INFRASTRUCTURE = [
  'assigned-types',
  'expression-site',
  'finding',
  'flow',
  'index',
  'model-types',
  'subject',
];

function diagnosticsIn(folder: string): string[] {
  return readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -3))
    .filter((name) => !INFRASTRUCTURE.includes(name))
    .map((name) => `${folder}${name}`);
}

const files = [...diagnosticsIn('./'), ...diagnosticsIn('./advice/')];
const nameOf = (file: string) => file.split('/').at(-1) ?? '';
const context: AnalysisContext = {
  limits: DEFAULT_LIMITS,
  hasInput: (name) => name !== 'Gone',
  routesOf: (name) => (name === 'Busy' ? DEFAULT_LIMITS.detectorModelsPerInput : 1),
  attributesOf: () => ['pressure', 'level', 'most'],
};

test('each diagnostic has a page, and each page a diagnostic', () => {
  const pages = readdirSync(PAGES).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual(files.map((file) => `${nameOf(file)}.md`).sort());
  const index = readFileSync(new URL('README.md', PAGES), 'utf8');
  for (const page of pages) expect(index).toContain(`(${page})`);
});

describe.each(files.map((file) => ({ file, name: nameOf(file) })))('$name', ({ file, name }) => {
  const text = readFileSync(new URL(`${name}.md`, PAGES), 'utf8');
  const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(
    ([, json = '']) => JSON.parse(json) as DetectorModelDefinition,
  );
  const find = async (definition: DetectorModelDefinition | undefined) => {
    const module = (await import(`${file}.ts`)) as Record<string, Diagnostic>;
    const exported = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (definition === undefined || module[exported] === undefined)
      throw new Error(`${file} has no ${exported}`);
    return module[exported](takeApart(definition, DEFAULT_LIMITS), context);
  };

  test('the wrong example causes the finding', async () => {
    expect(examples).toHaveLength(2);
    expect(await find(examples[0])).not.toEqual([]);
  });

  test('the right example does not', async () => {
    expect(await find(examples[1])).toEqual([]);
  });
});
