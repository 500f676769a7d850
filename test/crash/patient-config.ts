import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '../../src/limits.ts';

/**
 * Writes a server's configuration file and returns the flags that name it. Clients send again what was not
 * acknowledged; on a busy machine a key's turn may come many rounds later, so the server remembers ids for a day.
 */
export function patientConfig(folder: string, limits: Partial<Limits> = {}): string[] {
  const file = join(folder, 'patient.json');
  writeFileSync(file, JSON.stringify({ limits: { dedupeWindow: 24 * 60 * 60 * 1000, ...limits } }));
  return ['--config', file];
}
