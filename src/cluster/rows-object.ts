import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { Row } from '../store/store.ts';
import type { CommitRowsAnswer, CommitRowsRequest, ReadAnswer, ReadRequest } from './contract.ts';
import type { KeyValues } from './key-values.ts';
import { entriesOf, LAZY, OBJECT, type ObjectParts } from './object-parts.ts';

/**
 * Maximum bytes of all rows of an object, keys included: a call carries at most 32 MiB, and JSON within JSON is larger.
 */
const MOST_BYTES = 12 * 1024 * 1024;

/* The entries of the object: `version`, and each row under its key. */
const META = 'version';

interface Meta {
  readonly version: number;
  /** Total bytes of all rows. */
  readonly bytes: number;
}

/** Versioned rows shared by fronts: no front can overwrite a change that it has not seen. */
export function rowsObject({ sdk, names }: ObjectParts) {
  const { exclusive, shared } = sdk.handlers.object;
  return sdk.object({
    name: names.rows,
    handlers: {
      commit: exclusive(LAZY, (ctx: ObjectContext, request: CommitRowsRequest) =>
        commitRows(entriesOf(ctx), ctx.key, request),
      ),
      read: shared(LAZY, (ctx: ObjectSharedContext, request: Pick<ReadRequest, 'known'>) =>
        readRows(entriesOf(ctx), request),
      ),
    },
    options: OBJECT,
  });
}

/** The rows of an object, from all its entries. */
export function keptRows(entries: ReadonlyMap<string, string>): Row[] {
  return [...entries].flatMap(([key, text]) =>
    key === META ? [] : [[key, JSON.parse(text) as string] as const],
  );
}

/** Applies changes to the version that they are based on; does nothing when that is not current. */
export async function commitRows(
  state: KeyValues,
  name: string,
  { known, changes }: CommitRowsRequest,
): Promise<CommitRowsAnswer> {
  const { version, bytes } = await readMeta(state);
  if (version !== known) return { stale: version };
  const before = await state.getAll<string>(changes.map(([key]) => key));
  const sizes = changes.map(([key, text], index) => sizeOf(key, text) - sizeOf(key, before[index] ?? null));
  const size = sizes.reduce((sum, each) => sum + each, bytes);
  if (size > MOST_BYTES && size > bytes) {
    const message = `${name} would have ${size} bytes together; a cluster takes ${MOST_BYTES}`;
    return { refusal: { code: 'LimitExceededException', message } };
  }
  for (const [key, text] of changes) {
    if (text === null) state.clear(key);
    else state.set(key, text);
  }
  state.set<Meta>(META, { version: version + 1, bytes: size });
  return { version: version + 1 };
}

/** The rows in key order; none when the known version is current. */
export async function readRows(
  state: Pick<KeyValues, 'get' | 'getAll' | 'stateKeys'>,
  { known }: Pick<ReadRequest, 'known'>,
): Promise<ReadAnswer> {
  const { version } = await readMeta(state);
  if (version === known) return { version };
  const keys = (await state.stateKeys()).filter((name) => name !== META).sort();
  const texts = await state.getAll<string>(keys);
  return { version, rows: keys.map((key, index) => [key, texts[index] ?? '']) };
}

async function readMeta(state: Pick<KeyValues, 'get'>): Promise<Meta> {
  return (await state.get<Meta>(META)) ?? { version: 0, bytes: 0 };
}

function sizeOf(key: string, text: string | null): number {
  return text === null ? 0 : Buffer.byteLength(key) + Buffer.byteLength(text);
}
