import type { Refusal } from '../core/engine/refusal.ts';
import type { KeptInstances } from '../core/engine/turn.ts';
import type { Limits } from '../limits.ts';
import { DEFINITIONS, type DefinitionName } from '../runtime/catalog/definitions.ts';
import { Fault } from '../runtime/fault.ts';
import type { Change, Row } from '../store/store.ts';
import { compile, type TakenOverRow, takenOverKey } from './catalogs.ts';
import type {
  DefineAnswer,
  DefineRequest,
  KeepAnswer,
  KeepRequest,
  ReadAnswer,
  ReadRequest,
} from './contract.ts';
import type { KeyValues } from './key-values.ts';
import { mergeKept } from './merge-kept.ts';

/*
 * The entries of the catalog: `version`, and `rows/<version>` for the newest versions, so that a slot can repeat an
 * evaluation with the version it used. A version takes at most some hundred kilobytes. A tried version has a negative
 * number and is stored only during the trial.
 */
const VERSION = 'version';
const TRIED = 'tried';
const KEPT = 16;

export interface DefineContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly limits: Limits;
  /** Asks all slots what an update would keep. */
  wouldKeep(request: KeepRequest): Promise<readonly KeepAnswer[]>;
  /** Resolves when no slot uses an older version any more, with the instances that each slot kept when requested. */
  tell(version: number, keptBy?: number): Promise<readonly KeptInstances[]>;
}

/** Makes a definition. Resolves when all slots concerned use it. */
export async function define(
  state: KeyValues,
  { name, request }: DefineRequest,
  context: DefineContext,
): Promise<DefineAnswer> {
  const { limits } = context;
  const version = (await state.get<number>(VERSION)) ?? 0;
  const rows = (await state.get<Row[]>(rowsOf(version))) ?? [];
  const { catalog } = compile(version, rows, limits);
  const definition = DEFINITIONS[name as DefinitionName] as (
    ...args: Parameters<(typeof DEFINITIONS)[DefinitionName]>
  ) => ReturnType<(typeof DEFINITIONS)[DefinitionName]>;
  const isPreview = isPreviewed(request);
  // A preview is an update that is discarded at the end: what it would keep depends on the version that it makes.
  const asked = isPreview ? { ...(request as object), keepDetectors: 'true' } : request;
  let defined: ReturnType<typeof definition>;
  try {
    defined = definition(catalog, asked as never, context);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, message, resource } = error;
    return { refusal: { code, message }, ...(resource !== undefined && { resource }) };
  }
  const { instances, withKept = () => defined.result } = defined;
  const next = version + 1;
  if (instances?.type !== 'Keep') {
    make(state, next, changed(rows, defined.rows));
    if (instances !== undefined) await context.tell(next);
    return { version: next, result: defined.result ?? null };
  }
  const { from, to } = instances;
  const takenOver = JSON.stringify({ from: from.epoch, to: to.epoch } satisfies TakenOverRow);
  const newRows = changed(rows, [...defined.rows, [takenOverKey(to.compiled.name), takenOver]]);
  const would = await tryOut(state, newRows, { from: from.epoch, to: to.epoch }, context);
  if ('code' in would) return { refusal: would };
  if (isPreview) return { version, result: withKept(would) };
  make(state, next, newRows);
  return { version: next, result: withKept(mergeKept(await context.tell(next, to.epoch))) };
}

function isPreviewed(request: unknown): boolean {
  return (request as { readonly keepDetectors?: string }).keepDetectors === 'preview';
}

function make(state: KeyValues, version: number, rows: readonly Row[]): void {
  state.set(rowsOf(version), rows);
  state.set(VERSION, version);
  state.clear(rowsOf(version - KEPT));
}

/** What all slots would keep; the refusal of any slot that cannot read an instance. */
async function tryOut(
  state: KeyValues,
  rows: readonly Row[],
  epochs: Omit<KeepRequest, 'candidate'>,
  { wouldKeep }: DefineContext,
): Promise<KeptInstances | Refusal> {
  const candidate = ((await state.get<number>(TRIED)) ?? 0) - 1;
  state.set(TRIED, candidate);
  state.set(rowsOf(candidate), rows);
  const answers = await wouldKeep({ candidate, ...epochs });
  state.clear(rowsOf(candidate));
  const kept: KeptInstances[] = [];
  for (const answer of answers) {
    if ('code' in answer) return answer;
    kept.push(answer);
  }
  return mergeKept(kept);
}

/**
 * Restores the definitions of another host. Returns the version, or undefined when there are other definitions already;
 * repeating it changes nothing.
 */
export async function restore(state: KeyValues, rows: readonly Row[]): Promise<number | undefined> {
  const version = (await state.get<number>(VERSION)) ?? 0;
  if (version === 0) {
    make(state, 1, changed([], rows));
    return 1;
  }
  const present = (await state.get<Row[]>(rowsOf(version))) ?? [];
  return JSON.stringify(present) === JSON.stringify(changed([], rows)) ? version : undefined;
}

/** The rows of the newest version, from all entries of the catalog. */
export function newestRows(entries: ReadonlyMap<string, string>): readonly Row[] {
  const version = JSON.parse(entries.get(VERSION) ?? '0') as number;
  return JSON.parse(entries.get(rowsOf(version)) ?? '[]') as Row[];
}

export async function read(
  state: Pick<KeyValues, 'get'>,
  { version: wanted, known }: ReadRequest,
): Promise<ReadAnswer> {
  const version = wanted ?? (await state.get<number>(VERSION)) ?? 0;
  if (version === known) return { version };
  if (version === 0) return { version, rows: [] };
  const rows = await state.get<Row[]>(rowsOf(version));
  return rows === null ? { version } : { version, rows };
}

function rowsOf(version: number): string {
  return `rows/${version}`;
}

/** The rows after the changes, in key order. */
function changed(rows: readonly Row[], changes: readonly Change[]): Row[] {
  const all = new Map<string, string>(rows.map(([key, text]) => [key, text]));
  for (const [key, text] of changes) {
    if (text === null) all.delete(key);
    else all.set(key, text);
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}
