import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compile, FUNCTIONS, parse } from '../../src/core/expression/index.ts';
import { renderJson } from '../../src/core/expression/json.ts';
import { buildScope, type ScopeData } from '../support/scope.ts';

/** The reference is correct: its examples run, it is complete, and citations of it resolve. */
const REFERENCE = new URL('../../docs/reference/', import.meta.url);
const ROOT = new URL('../../', import.meta.url);

const pages = new Map(
  readdirSync(REFERENCE)
    .filter((file) => file !== 'README.md')
    .map((file) => [file.replace('.md', ''), readFileSync(new URL(file, REFERENCE), 'utf8')]),
);
const expressions = pages.get('expressions') ?? '';

/** The scope assumed by expressions.md. */
const SCOPE: ScopeData = {
  variables: { n: '3', d: '2.5', s: "'ab'", f: 'true' },
  inputs: { T: '{"v":7,"x":null,"status":"offline","list":[1,{"k":"z"}]}' },
  expired: ['t1'],
};

/** The rows of all tables with an expression and its result. */
function examplesOf(page: string): [expression: string, result: string][] {
  return [...page.matchAll(/^\| expression \| result \|\n\| --- \| --- \|\n((?:\|.*\n)+)/gm)].flatMap(
    ([, rows = '']) =>
      rows
        .trim()
        .split('\n')
        .map((row): [string, string] => {
          const [, expression = '', result = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
          return [code(expression), result.startsWith('`') ? code(result) : result];
        }),
  );
}

function code(cell: string): string {
  const [, , text = ''] = /^(`+) ?(.*?) ?\1$/.exec(cell) ?? [];
  return text.replaceAll('\\|', '|');
}

describe('expressions.md', () => {
  const examples = examplesOf(expressions);

  test('has examples', () => {
    expect(examples.length).toBeGreaterThan(50);
  });

  test.each(examples)('%s is %s', (expression, result) => {
    const parsed = parse(expression);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { bindings, newScope } = buildScope(SCOPE);
    const outcome = compile(parsed.node, bindings)(newScope());
    expect(outcome === undefined ? 'undefined' : renderJson(outcome)).toBe(result);
  });

  test('has every function, each with an example, and no other', () => {
    const sections = expressions.split(/^### /m).slice(1);
    const functions = new Map(
      sections.map((section): [string, string] => [section.split('\n', 1)[0] ?? '', section]),
    );
    const named = [...functions.keys()].filter((title) => /^[a-z]\w*$/i.test(title));
    expect(named.sort()).toEqual(Object.keys(FUNCTIONS).sort());
    for (const name of named) {
      const own = examplesOf(functions.get(name) ?? '');
      expect(
        own.some(([expression]) => expression.includes(`${name}(`)),
        name,
      ).toBe(true);
    }
  });
});

test('limits.md lists every limit with its default ("npm run docs" brings it up to date)', () => {
  const script = fileURLToPath(new URL('scripts/limits-page.mjs', ROOT));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

/** `(reference: models 7.4, questions Q-UNDEF and Q-STRCMP)` in a comment. */
const CITATION = new RegExp(`reference: ((?:${[...pages.keys()].join('|')})\\b[^)*\\n]*)`, 'g');
const WORDS = new RegExp(`\\b(?:${[...pages.keys()].join('|')})\\b|Q-[A-Z-]+|\\d+(?:\\.\\d+)*`, 'g');

test('what comments cite is there', () => {
  const dead: string[] = [];
  let cited = 0;
  for (const file of sources('src').concat(sources('test')))
    for (const [, citation = ''] of readFileSync(new URL(file, ROOT), 'utf8').matchAll(CITATION)) {
      cited++;
      let page = '';
      for (const [word] of citation.matchAll(WORDS)) {
        if (pages.has(word)) page = word;
        else if (!hasSection(page, word)) dead.push(`${file}: ${page} ${word}`);
      }
    }
  expect(dead).toEqual([]);
  expect(cited).toBeGreaterThan(100);
});

/** `(docs/topic-rules.md: The SQL)` in a comment. */
const PAGE_CITATION = /\((docs\/[\w/-]+\.md): ([^)\n]+)\)/g;

test('pages and chapters that comments cite are there, and nothing beyond the repository is cited', () => {
  const dead: string[] = [];
  let cited = 0;
  for (const file of sources('src').concat(sources('test'))) {
    const text = readFileSync(new URL(file, ROOT), 'utf8');
    if (/\(spec: /.test(text.replaceAll('(spec: /', ''))) dead.push(`${file}: spec`);
    for (const [, page = '', title = ''] of text.matchAll(PAGE_CITATION)) {
      cited++;
      const target = new URL(page, ROOT);
      const titles = existsSync(target)
        ? [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, each = '']) => each)
        : [];
      if (!titles.includes(title)) dead.push(`${file}: ${page}: ${title}`);
    }
  }
  expect(dead).toEqual([]);
  expect(cited).toBeGreaterThan(50);
});

function hasSection(page: string, section: string): boolean {
  const text = pages.get(page) ?? '';
  if (section.startsWith('Q-')) return text.includes(`| ${section}: `);
  return new RegExp(`^#+ ${section.replaceAll('.', '\\.')}\\.? `, 'm').test(text);
}

function sources(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
}

test('links between the pages lead somewhere', () => {
  const broken: string[] = [];
  const all = readdirSync(new URL('docs/', ROOT), { recursive: true, encoding: 'utf8' }).map(
    (file) => `docs/${file}`,
  );
  for (const page of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...all]) {
    if (!page.endsWith('.md')) continue;
    const at = new URL(page, ROOT);
    for (const [, link = ''] of readFileSync(at, 'utf8').matchAll(/\]\((?!https?:)([^)\s]+\.md[^)\s]*)\)/g)) {
      const [path = '', anchor] = link.split('#');
      const target = new URL(path, at);
      const exists = existsSync(target);
      const anchors = exists ? headingsOf(readFileSync(target, 'utf8')) : [];
      if (!exists || (anchor !== undefined && !anchors.includes(anchor))) broken.push(`${page}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});

/** In their anchor form: lower case, hyphens for blanks, no other characters. */
function headingsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}
