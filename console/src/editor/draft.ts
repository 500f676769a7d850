import { del, get, keys, set } from 'idb-keyval';
import type { Json } from '../document/json.ts';
import type { Point } from '../graph/layout.ts';

/** Work on a detector model that is not published yet; kept in this browser. */
export interface Draft {
  readonly name: string;
  readonly definition: Json;
  readonly settings: Settings;
  /** The version that the work began with; absent for a model that was never published. */
  readonly basedOn?: string;
  /** Where states were put by hand, by name. */
  readonly placed: Readonly<Record<string, Point>>;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
}

/** What a model has beside its definition. */
export interface Settings {
  readonly description: string;
  /** Empty for a model with one detector. */
  readonly key: string;
  readonly roleArn: string;
  readonly evaluationMethod: 'BATCH' | 'SERIAL';
}

const PREFIX = 'draft/';

export async function loadDraft(name: string): Promise<Draft | undefined> {
  return get<Draft>(PREFIX + name);
}

export async function saveDraft(draft: Draft): Promise<void> {
  await set(PREFIX + draft.name, draft);
}

export async function discardDraft(name: string): Promise<void> {
  await del(PREFIX + name);
}

/** The names of all models with a draft. */
export async function draftNames(): Promise<string[]> {
  const all = await keys();
  return all
    .filter((key): key is string => typeof key === 'string' && key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length))
    .sort();
}
