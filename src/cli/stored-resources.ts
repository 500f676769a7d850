import { existsSync, readdirSync } from 'node:fs';
import { attempt } from '../load/attempt.ts';
import type { Kind } from '../migrate/report.ts';
import type { Requests } from '../migrate/write/requests.ts';
import {
  readDefinitions,
  type StoredDefinition,
  type StoredDefinitions,
} from '../server/stored-definitions.ts';
import { CommandError } from '../server/usage-error.ts';
import { openLevelStore } from '../store/level-store.ts';
import { StoreError } from '../store/store.ts';
import { only, withTags } from './server-resources.ts';
import { keptToOwner } from './umask.ts';

/**
 * The create requests of everything in a data directory whose server is not running, as `readRequests` has them of one
 * that is. Rejects with CommandError.
 */
export async function readStoredRequests(directory: string): Promise<Requests> {
  // Opening would create a missing directory.
  const names = existsSync(directory) ? attempt(directory, () => readdirSync(directory)) : [];
  if (!names.includes('CURRENT'))
    throw new CommandError(`${directory} is not a data directory of Tripline: it has no file CURRENT`);
  try {
    const stored = await keptToOwner(() => readDirectory(directory));
    return {
      inputs: requestsOf('input', stored.inputs),
      detectorModels: requestsOf('detectorModel', stored.detectorModels),
      alarmModels: requestsOf('alarmModel', stored.alarmModels),
      topicRules: requestsOf('topicRule', stored.topicRules),
    };
  } catch (cause) {
    throw cause instanceof StoreError ? new CommandError(cause.message, { cause }) : cause;
  }
}

async function readDirectory(directory: string): Promise<StoredDefinitions> {
  const store = await openLevelStore(directory);
  try {
    return await readDefinitions(store);
  } finally {
    await store.close();
  }
}

function requestsOf(kind: Kind, stored: readonly StoredDefinition[]) {
  return stored.map(({ definition, tags }) => withTags(kind, only(kind, definition), tags));
}
