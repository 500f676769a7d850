import { readdirSync, readFileSync } from 'node:fs';

/** The case files of one kind, sorted by name. */
export function loadCases<F>(kind: 'expressions' | 'models' | 'iot-sql'): F[] {
  const folder = new URL(`./${kind}/`, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as F);
}
