import { readFileSync, writeFileSync } from 'node:fs';
import { DEEPEST_JSON, DEFAULT_LIMITS, LONGEST_TEXT } from '../dist/limits.js';

/*
 * Writes the table of docs/reference/limits.md from src/limits.ts: `npm run docs`. With `--check` the exit code tells
 * whether the page is up to date.
 */

const PAGE = new URL('../docs/reference/limits.md', import.meta.url);
const BEGIN = '<!-- limits -->';
const END = '<!-- /limits -->';

const [, source = ''] = readFileSync(new URL('../src/limits.ts', import.meta.url), 'utf8').split(
  'interface Limits {',
);
const page = readFileSync(PAGE, 'utf8');
const [before] = page.split(BEGIN);
const [, after] = page.split(END);
const updated = `${before}${BEGIN}\n\n${table()}\n\n${END}${after}`;
if (process.argv.includes('--check')) process.exitCode = updated === page ? 0 : 1;
else writeFileSync(PAGE, updated);

function table() {
  const meanings = new Map(
    [...source.matchAll(/(?:\/\*\*([\s\S]*?)\*\/\s+)?readonly (\w+): number;/g)].map(([, comment, name]) => [
      name,
      comment,
    ]),
  );
  const rows = Object.entries(DEFAULT_LIMITS).map(
    ([name, value]) =>
      `| \`${name}\` | ${value.toLocaleString('en')} | ${meaning(name, meanings.get(name))} |`,
  );
  const fixed = [
    `| – | ${LONGEST_TEXT.toLocaleString('en')} | Characters that a text can grow to while expressions are evaluated. |`,
    `| – | ${DEEPEST_JSON.toLocaleString('en')} | Levels of objects and lists within each other in a message or payload. |`,
  ];
  return ['| limit | default | meaning |', '| --- | --- | --- |', ...rows, ...fixed].join('\n');
}

/** The source comment without its references; a limit without a comment is described by its name. */
function meaning(name, comment) {
  if (comment === undefined) {
    const words = name
      .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
      .replace('sitewise', 'SiteWise');
    return `${words[0].toUpperCase()}${words.slice(1)}.`;
  }
  return comment
    .replaceAll(/\s*\n\s*\*\s*/g, ' ')
    .replaceAll(/ \((?:reference|docs\/[\w.-]+): [^)]*\)/g, '')
    .replaceAll('|', '\\|')
    .trim();
}
