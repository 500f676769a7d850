import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the built console. */
export interface ConsoleFile {
  readonly type: string;
  readonly content: Buffer;
  /** The same content compressed; absent when compression does not help. */
  readonly gzip: Buffer | undefined;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The output of `npm run build`, relative to the built server and to its sources. */
const PLACES = ['../../console/', '../../../dist/console/'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

/** Reads the built console, by path below `/console/`; empty when it has not been built. */
export function readConsole(): ReadonlyMap<string, ConsoleFile> {
  const folder = PLACES.find((place) => existsSync(join(place, 'index.html')));
  const files = new Map<string, ConsoleFile>();
  if (folder === undefined) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const content = readFileSync(path);
    const gzip = existsSync(`${path}.gz`) ? readFileSync(`${path}.gz`) : undefined;
    const name = path.slice(folder.length).replaceAll('\\', '/');
    files.set(name, { type, content, gzip, etag: etagOf(content) });
  }
  return files;
}

export function etagOf(content: Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
}
