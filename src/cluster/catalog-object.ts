import type { Limits } from '../limits.ts';
import { DEFINITIONS, type DefinitionName } from '../runtime/catalog/definitions.ts';
import { Fault } from '../runtime/fault.ts';
import type { Change, Row } from '../store/store.ts';
import { compile } from './catalogs.ts';
import type { DefineAnswer, DefineRequest, ReadAnswer, ReadRequest } from './contract.ts';
import type { KeyValues } from './key-values.ts';

/*
 * What the catalog keeps: `version`, and `rows/<version>` for the newest versions, so that a slot can evaluate again by
 * the very version it went by. A version is some hundred kilobytes at most.
 */
const VERSION = 'version';
const KEPT = 16;

/** Detectors would have to be kept in all slots at once, which no call to them does. */
const KEEPS_NOTHING = {
  answer: {
    refusal: {
      code: 'InvalidRequestException',
      message: 'A cluster does not keep detectors over an update; leave out keepDetectors',
    },
  },
  touchesInstances: false,
} as const;

/** Makes a definition. Whoever calls has to tell the slots when the answer says so. */
export async function define(
  state: KeyValues,
  { name, request }: DefineRequest,
  now: number,
  limits: Limits,
): Promise<{ readonly answer: DefineAnswer; readonly touchesInstances: boolean }> {
  const version = (await state.get<number>(VERSION)) ?? 0;
  const rows = (await state.get<Row[]>(rowsOf(version))) ?? [];
  const { catalog } = compile(version, rows, limits);
  const definition = DEFINITIONS[name as DefinitionName] as (
    ...args: Parameters<(typeof DEFINITIONS)[DefinitionName]>
  ) => ReturnType<(typeof DEFINITIONS)[DefinitionName]>;
  try {
    const defined = definition(catalog, request as never, { now, limits });
    const { instances } = defined;
    if (instances?.type === 'Keep' || instances?.type === 'Preview') return KEEPS_NOTHING;
    const next = version + 1;
    state.set(rowsOf(next), changed(rows, defined.rows));
    state.set(VERSION, next);
    state.clear(rowsOf(next - KEPT));
    const answer = { version: next, result: defined.result ?? null };
    return { answer, touchesInstances: instances !== undefined };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, message, resource } = error;
    const refusal = { code, message };
    return {
      answer: resource === undefined ? { refusal } : { refusal, resource },
      touchesInstances: false,
    };
  }
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
