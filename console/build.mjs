#!/usr/bin/env node
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/*
 * Builds the console into `dist/console`, unless what is there was built from the same sources. Beside each file that
 * compresses it writes a `.gz`, which the server sends to clients that take it.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist/console');
const STAMP = join(OUT, '.sources');
/** All that the bundle is made from. */
const SOURCES = ['console', 'src/core', 'src/limits.ts', 'src/simulate', 'package-lock.json'];
const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest)$/;

const sources = hashOf(SOURCES);
if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources) process.exit(0);
await build({ configFile: join(ROOT, 'console/vite.config.ts'), logLevel: 'warn' });
for (const file of filesIn(OUT)) {
  if (COMPRESSIBLE.test(file)) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
}
writeFileSync(STAMP, sources);

function hashOf(places) {
  const hash = createHash('sha256');
  for (const file of places.flatMap((place) => filesIn(join(ROOT, place)))) {
    hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function filesIn(place) {
  if (!existsSync(place)) return [];
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && !name.endsWith('.test.ts'))
    .flatMap(({ name }) => filesIn(join(place, name)))
    .sort();
}
