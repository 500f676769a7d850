import { Admin } from '../cluster/admin.ts';
import type { Log } from '../runtime/log.ts';
import type { ServeConfig } from './config.ts';
import { CommandError } from './usage-error.ts';

/** The version of Restate that Tripline is tried with: older ones lack what it needs. */
const TRIED = [1, 7] as const;

/** Resolves when Restate answers and is of a version that will do. Rejects with CommandError after `milliseconds`. */
export async function openAdmin(
  { restateAdmin }: Pick<ServeConfig, 'restateAdmin'>,
  milliseconds: number,
  log: Log,
): Promise<Admin> {
  const admin = new Admin(restateAdmin);
  let version: string;
  try {
    await admin.ready(0).catch((error: Error) => {
      log.info({ reason: error.message }, 'waiting for Restate');
      return admin.ready(milliseconds);
    });
    version = await admin.version();
  } catch (cause) {
    throw new CommandError(`Restate cannot be reached (--restate-admin): ${(cause as Error).message}`, {
      cause,
    });
  }
  const verdict = compare(version);
  const tried = TRIED.join('.');
  if (verdict < 0)
    throw new CommandError(`Restate ${version} at ${restateAdmin} is too old: Tripline needs ${tried}`);
  if (verdict > 0)
    log.warn({ version }, `Restate is newer than what Tripline has been tried with (${tried})`);
  return admin;
}

/** Below zero when a version is older than the one that is tried, above when it is newer. */
function compare(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major - TRIED[0] || minor - TRIED[1];
}
