import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Only people run the benchmarks, so this checks that what they import exists. */
const BENCH = new URL('../bench/', import.meta.url);
const SCRIPTS = new URL('../scripts/', import.meta.url);
const IMPORT = /^import \{([^}]+)\} from '(\.[^']+)'/gm;

const files = [BENCH, SCRIPTS].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => new URL(name, folder)),
);

test.each(files.map((file) => [fileURLToPath(file).split('/').slice(-2).join('/'), file] as const))(
  '%s imports what there is',
  async (_, file) => {
    for (const [, names = '', path = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const from = new URL(path, file);
      expect(existsSync(from), path).toBe(true);
      // Importing another script would run it.
      if (!path.includes('/dist/')) continue;
      const wanted = names.split(',').map((name) => name.trim().split(' as ')[0] ?? '');
      const exported = Object.keys(await import(from.href));
      expect(exported, path).toEqual(expect.arrayContaining(wanted.filter((name) => name !== '')));
    }
  },
);
