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
 * What the catalog keeps: `version`, and `rows/<version>` for the newest versions, so that a slot can evaluate again by
 * the very version it went by. A version is some hundred kilobytes at most. One that is only tried has a number below
 * zero, and is there while it is tried.
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
  /** Resolves when no slot goes by an older version any more, with what each kept of its instances when that is asked. */
  tell(version: number, keptBy?: number): Promise<readonly KeptInstances[]>;
}

/** Makes a definition. Resolves when all slots that it concerns go by it. */
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
  // A preview is an update that is given up at the end: what it would keep depends on the version that it makes.
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

/** What all slots would keep; the refusal of one that cannot read an instance. */
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
 * Takes over what another host had defined. Returns the version, undefined when there is something else already; doing it
 * again changes nothing.
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

/** The rows of the newest version, of all entries that the catalog keeps. */
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

/** The rows with the changes made, in the order of their keys. */
function changed(rows: readonly Row[], changes: readonly Change[]): Row[] {
  const all = new Map<string, string>(rows.map(([key, text]) => [key, text]));
  for (const [key, text] of changes) {
    if (text === null) all.delete(key);
    else all.set(key, text);
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}
