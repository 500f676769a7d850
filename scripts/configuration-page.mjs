import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { withServeFlags } from '../dist/cli/serve.js';
import { defaults } from '../dist/server/config.js';

/*
 * Writes the table of docs/configuration.md from the flags of `tripline serve` and their defaults: `npm run docs`. With
 * `--check` the exit code tells whether the page is up to date.
 */

const PAGE = new URL('../docs/configuration.md', import.meta.url);
const BEGIN = '<!-- settings -->';
const END = '<!-- /settings -->';

const page = readFileSync(PAGE, 'utf8');
const [before] = page.split(BEGIN);
const [, after] = page.split(END);
const updated = `${before}${BEGIN}\n\n${tables()}\n\n${END}${after}`;
if (process.argv.includes('--check')) process.exitCode = updated === page ? 0 : 1;
else writeFileSync(PAGE, updated);

function tables() {
  const { options } = withServeFlags(new Command());
  const byKey = new Map(options.map((option) => [option.attributeName(), option]));
  const settings = defaults({});
  const rows = Object.entries(settings)
    .filter(([key]) => key !== 'limits')
    .map(([key, value]) => {
      const option = byKey.get(key);
      const flag = option === undefined ? 'only in the file' : `\`${option.flags}\``;
      return `| \`${key}\` | ${flag} | ${shown(value)} | ${meaning(option)} |`;
    });
  return ['| key | flag | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function meaning(option) {
  if (option === undefined) return 'see below';
  const text = option.description.replace(/ \(default: [^)]*\)$/, '');
  const choices = option.argChoices ? `: ${option.argChoices.map((each) => `\`${each}\``).join(', ')}` : '';
  return `${text[0].toUpperCase()}${text.slice(1)}${choices}`.replaceAll('|', '\\|');
}

function shown(value) {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '–';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
