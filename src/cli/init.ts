import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { writeTrouble } from '../load/file-trouble.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';

const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url));

interface Template {
  readonly name: string;
  readonly title: string;
  /** When to use it: one sentence. */
  readonly use: string;
}

interface Flags {
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `tripline init`: a model with scenarios to start from. */
export function initCommand(): Command {
  return new Command('init')
    .description('Copy a ready-made model with its scenarios, to start from')
    .argument('[template]', 'which one (default: list them)')
    .argument('[folder]', 'where to put it (default: a folder with the name of the template)')
    .option('--force', 'overwrite existing files')
    .option('--json', 'JSON for programs')
    .addHelpText(
      'after',
      '\nExample:\n  tripline init\n  tripline init heartbeat\n  tripline test heartbeat --coverage',
    )
    .action((template: string | undefined, folder: string | undefined, flags: Flags) => {
      const templates = readTemplates();
      if (template === undefined) {
        write(flags.json === true ? JSON.stringify({ templates }, null, 2) : listed(templates));
        return;
      }
      if (!templates.some(({ name }) => name === template)) {
        const names = templates.map(({ name }) => name).join(', ');
        throw new UsageError(`there is no template ${template}; there are ${names}`);
      }
      const files = copy(template, folder ?? template, flags.force === true);
      write(
        flags.json === true ? JSON.stringify({ template, files }, null, 2) : next(files, folder ?? template),
      );
    });
}

function readTemplates(): Template[] {
  return readdirSync(TEMPLATES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const [title = '', use = ''] = readFileSync(join(TEMPLATES, name, 'README.md'), 'utf8').split('\n\n');
      return { name, title: title.replace(/^# /, ''), use };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function listed(templates: readonly Template[]): string {
  const lines = templates.map(
    ({ name, title, use }) => `${name.padEnd(16)}${title}\n${' '.repeat(16)}${use}\n`,
  );
  return `${lines.join('\n')}\ntripline init <template> [folder] copies one with its scenarios.`;
}

/** Copies either all files or none. */
function copy(template: string, folder: string, isForced: boolean): string[] {
  const names = readdirSync(join(TEMPLATES, template));
  const there = names.map((name) => join(folder, name)).filter((path) => existsSync(path));
  if (there.length > 0 && !isForced)
    throw new CommandError(`${there.join(', ')} would be overwritten; name another folder, or use --force`);
  try {
    mkdirSync(folder, { recursive: true });
    return names.map((name) => {
      copyFileSync(join(TEMPLATES, template, name), join(folder, name));
      return join(folder, name);
    });
  } catch (cause) {
    throw new CommandError(`${folder} cannot be written: ${writeTrouble(cause)}`, { cause });
  }
}

function next(files: readonly string[], folder: string): string {
  const created = files.map((file) => `created  ${file}`).join('\n');
  return `${created}\n\nTry it:\n  tripline test ${folder} --coverage\n  tripline test ${folder} --watch
  tripline import ${folder} --apply http://127.0.0.1:9470`;
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
