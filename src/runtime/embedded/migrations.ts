import { type ServiceRequest, targetOf } from '../../core/action/index.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { type Change, type Store, StoreError } from '../../store/store.ts';
import { decodeExecution, indexRows } from '../delivery/execution-rows.ts';
import type { Log } from '../log.ts';
import { actionKey, below, doneKey, failedKey, META, pendingKey } from '../rows.ts';

/** The format of the rows that this version reads and writes. */
export const FORMAT = 5;

/** The row `meta`. */
export interface Meta {
  readonly format: number;
  readonly slots: number;
}

/** One step from a format to the next. */
export interface Migration {
  readonly from: number;
  /**
   * What to change; committed together with the new format's number, so that it is done wholly or not at all. What may
   * be done twice may be committed before.
   */
  changes(store: Store): Promise<Change[]>;
}

export const MIGRATIONS: readonly Migration[] = [
  { from: 1, changes: placeExecutions },
  // Detectors of format 2 are still read, but former versions do not read those of this one.
  { from: 2, changes: async () => [] },
  { from: 3, changes: indexExecutions },
  // Detectors of format 4 had whole messages; they are still read, but former versions do not read those of this one.
  // Some of those versions did not know topic rules and MQTT sessions either: they would have left devices unheard.
  { from: 4, changes: async () => [] },
];

/**
 * Brings what an older version has left to the format of this one, a step at a time; to be done before anything else
 * reads. After a kill the next start goes on from the last whole step. Throws StoreError for a newer format, and for
 * one that no step leads on from.
 */
export async function migrate(
  store: Store,
  log: Log,
  steps: readonly Migration[] = MIGRATIONS,
  newest: number = FORMAT,
): Promise<void> {
  const text = await store.get(META);
  if (text === undefined) return;
  let meta = JSON.parse(text) as Meta;
  while (meta.format !== newest) {
    const { format } = meta;
    const step = steps.find(({ from }) => from === format);
    if (format > newest || step === undefined) throw wrongFormat(format, newest);
    meta = { ...meta, format: format + 1 };
    await store.commit({ rows: [...(await step.changes(store)), [META, JSON.stringify(meta)]] });
    log.info({ from: format, to: meta.format }, 'the data directory is migrated');
  }
}

export function wrongFormat(format: number, newest: number = FORMAT): StoreError {
  const message = `The rows in the data directory have format ${format}; this version reads format ${newest}`;
  const advice =
    format > newest
      ? 'Install the version that wrote it or a later one, or restore a backup that this version made.'
      : 'It is too old to be taken over: start it with the version that wrote it, or name a new directory with --data-dir.';
  return new StoreError('VERSION', `${message}. ${advice}`);
}

/** An execution of format 1, as far as the step looks at it. */
interface FormerExecution {
  readonly type: string;
  readonly status: string;
  readonly detectorModelName: string;
  readonly request?: ServiceRequest;
}

/**
 * Format 1 had one queue for all targets (`pending/<order>`) and no rows for what was finished. Executions get their
 * target, their model's role and their place.
 */
async function placeExecutions(store: Store): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const [key] of store.scan(below('pending'))) changes.push([key, null]);
  const roles = await rolesOf(store);
  for await (const [key, text] of store.scan(below('action'))) {
    const order = key.slice('action/'.length);
    const former = JSON.parse(text) as FormerExecution;
    const { type, status, detectorModelName, request } = former;
    const target = request && targetOf(request);
    const execution = {
      ...former,
      roleArn: roles.get(detectorModelName) ?? '',
      ...(target !== undefined && { target }),
      ...(type === 'iotEvents' && { chain: DEFAULT_LIMITS.chainMessages }),
    };
    changes.push([actionKey(order), JSON.stringify(execution)]);
    if (status === 'PENDING' && target !== undefined) changes.push([pendingKey(target, order), order]);
    else changes.push([status === 'FAILED' ? failedKey(order) : doneKey(order), '']);
  }
  return changes;
}

/** Rows of one commit of a step that may be done twice. */
const CHUNK = 4000;

/**
 * Format 3 found executions by reading all of them. They get index rows: in commits of their own, for there may be
 * millions, and writing them again after a kill changes nothing.
 */
async function indexExecutions(store: Store): Promise<Change[]> {
  let rows: Change[] = [];
  for await (const [key, text] of store.scan(below('action'))) {
    rows.push(...indexRows(key.slice('action/'.length), decodeExecution(key, text)));
    if (rows.length < CHUNK) continue;
    await store.commit({ rows });
    rows = [];
  }
  return rows;
}

/** The role of each detector model's newest version: which one had acted was not kept. */
async function rolesOf(store: Store): Promise<ReadonlyMap<string, string>> {
  const roles = new Map<string, string>();
  for await (const [key, text] of store.scan(below('version')))
    roles.set(key.split('/')[1] as string, (JSON.parse(text) as { roleArn: string }).roleArn);
  return roles;
}
