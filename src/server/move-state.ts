import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Admin } from '../cluster/admin.ts';
import { Ingress } from '../cluster/ingress.ts';
import { exportState, importState, type Moved, MoveError } from '../cluster/move-state.ts';
import { IngressError } from '../cluster/node-urls.ts';
import { fileTrouble } from '../load/file-trouble.ts';
import { Fault } from '../runtime/fault.ts';
import type { Log } from '../runtime/log.ts';
import { openLevelStore } from '../store/level-store.ts';
import { makeDirectory } from '../store/make-directory.ts';
import { type Store, StoreError } from '../store/store.ts';
import type { ServeConfig } from './config.ts';
import { CommandError } from './usage-error.ts';

/** Moves a data directory, whose server must be stopped, into a cluster. Rejects with CommandError. */
export async function moveIn(config: ServeConfig, log: Log): Promise<Moved> {
  const { dataDir, restateIngress, clusterName, limits } = config;
  if ((await entriesOf(dataDir)).length === 0)
    throw new CommandError(`The data directory ${dataDir} does not exist or is empty`);
  const ingress = new Ingress(restateIngress, clusterName);
  return moving(dataDir, (store) => importState(store, { ingress, limits, log }));
}

/** Moves a cluster, whose fronts and workers must be stopped, into a new data directory. Rejects with CommandError. */
export async function moveOut(config: ServeConfig): Promise<Moved> {
  const { dataDir, restateIngress, restateAdmin, clusterName } = config;
  if ((await entriesOf(dataDir)).length > 0)
    throw new CommandError(`The data directory ${dataDir} is not empty; name one that does not exist yet`);
  await makeDirectory(dataDir);
  const ingress = new Ingress(restateIngress, clusterName);
  const admin = new Admin(restateAdmin);
  try {
    return await moving(dataDir, (store) => exportState(store, { ingress, admin }));
  } catch (error) {
    // The directory was empty. A partial copy must not be mistaken for a complete one.
    for (const name of await entriesOf(dataDir))
      await rm(join(dataDir, name), { recursive: true, force: true });
    throw error;
  }
}

async function entriesOf(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new CommandError(`The data directory ${directory} cannot be read: ${fileTrouble(error)}`, {
      cause: error,
    });
  });
}

async function moving(directory: string, move: (store: Store) => Promise<Moved>): Promise<Moved> {
  let store: Store | undefined;
  try {
    store = await openLevelStore(directory);
    return await move(store);
  } catch (error) {
    const isExpected = [MoveError, StoreError, IngressError, Fault].some((each) => error instanceof each);
    if (isExpected && error instanceof Error) throw new CommandError(error.message, { cause: error });
    throw error;
  } finally {
    await store?.close();
  }
}
