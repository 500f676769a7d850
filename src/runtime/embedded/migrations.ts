import { type ServiceRequest, targetOf } from '../../core/action/index.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { type Change, type Store, StoreError } from '../../store/store.ts';
import { decodeExecution, indexRows } from '../delivery/execution-rows.ts';
import type { Log } from '../log.ts';
import { actionKey, below, doneKey, failedKey, META, pendingKey } from '../rows.ts';

/** The row format that this version reads and writes. */
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
   * The changes to make; committed together with the new format's number, so that the step is atomic. Idempotent
   * changes may be committed earlier.
   */
  changes(store: Store): Promise<Change[]>;
}

export const MIGRATIONS: readonly Migration[] = [
  { from: 1, changes: placeExecutions },
  // Detectors of format 2 are still readable, but older versions cannot read those of format 3.
  { from: 2, changes: async () => [] },
  { from: 3, changes: indexExecutions },
  // Detectors of format 4 contained whole messages; they are still readable, but older versions cannot read those of
  // format 5. Some of those versions did not know topic rules and MQTT sessions either, and would have ignored devices.
  { from: 4, changes: async () => [] },
];

/**
 * Migrates the rows of an older version to the current format, step by step; must run before anything else reads. After
 * a kill, the next start continues after the last complete step. Throws StoreError for a newer format, and for one
 * without a migration.
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
    log.info({ from: format, to: meta.format }, 'the data directory was converted to a new format');
  }
}

export function wrongFormat(format: number, newest: number = FORMAT): StoreError {
  const message = `The rows in the data directory have format ${format}; this version reads format ${newest}`;
  const advice =
    format > newest
      ? 'Install the version that wrote it or a later one, or restore a backup that this version made.'
      : 'It is too old to be migrated: start it with the version that wrote it, or name a new directory with --data-dir.';
  return new StoreError('VERSION', `${message}. ${advice}`);
}

/** The members of a format 1 execution that the step reads. */
interface FormerExecution {
  readonly type: string;
  readonly status: string;
  readonly detectorModelName: string;
  readonly request?: ServiceRequest;
}

/**
 * Format 1 had one queue for all targets (`pending/<order>`) and no rows for finished executions. Adds the executions'
 * target, their model's role and their place rows.
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

/** Rows in one commit of an idempotent step. */
const CHUNK = 4000;

/**
 * Format 3 found executions by reading all of them. Adds index rows, in commits of their own since there may be
 * millions; writing them again after a kill changes nothing.
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

/** The role of each detector model's newest version: format 1 did not record which version had acted. */
async function rolesOf(store: Store): Promise<ReadonlyMap<string, string>> {
  const roles = new Map<string, string>();
  for await (const [key, text] of store.scan(below('version')))
    roles.set(key.split('/')[1] as string, (JSON.parse(text) as { roleArn: string }).roleArn);
  return roles;
}
