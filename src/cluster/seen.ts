import type { Limits } from '../limits.ts';
import type { WireCommand } from './contract.ts';
import { entryOf, fingerprintOf, fingerprintsIn, LIST_SPAN } from './fingerprint.ts';
import type { KeyValues } from './key-values.ts';
import { SEEN, type SlotMeta, seenEntry } from './slot-entries.ts';

/** Characters after which a list is closed: each call rewrites the open list. */
const MOST = 16 * 1024;

/** The list to which accepted messages are added. */
export interface OpenList {
  /** Milliseconds since the epoch; also the number of the list when it is closed. */
  readonly began: number;
  readonly list: string;
}

/** The texts of closed lists, in order. */
export async function readSeenTexts(
  state: Pick<KeyValues, 'getAll'>,
  numbers: readonly number[],
): Promise<readonly string[]> {
  const texts = await state.getAll<string>(numbers.map((number) => seenEntry(number)));
  return texts.map((text) => text ?? '');
}

/** The times at which messages were accepted, by fingerprint. */
export interface SeenList {
  /** Milliseconds since the epoch. */
  readonly began: number;
  /** Milliseconds after that: small integers, for which V8 allocates nothing. */
  readonly times: ReadonlyMap<string, number>;
}

export function readSeenList(began: number, list: string): SeenList {
  return { began, times: new Map(fingerprintsIn(list)) };
}

/**
 * The closed lists of the slots, as this worker has seen them: they never change, so they need not be read with each
 * call or recorded in its journal.
 */
export class SeenCache {
  readonly #fetch: (slot: number, numbers: readonly number[]) => Promise<readonly string[]>;
  /** By slot, then by number. */
  readonly #slots = new Map<number, ReadonlyMap<number, SeenList>>();

  constructor(fetch: (slot: number, numbers: readonly number[]) => Promise<readonly string[]>) {
    this.#fetch = fetch;
  }

  /** The lists of a slot; forgets its others. Rejects when the fetch does. */
  async closed(slot: number, numbers: readonly number[]): Promise<readonly SeenList[]> {
    const known = this.#slots.get(slot) ?? new Map<number, SeenList>();
    const missing = numbers.filter((number) => !known.has(number));
    const texts = missing.length === 0 ? [] : await this.#fetch(slot, missing);
    const fetched = new Map(
      missing.map((number, index) => [number, readSeenList(number, texts[index] ?? '')]),
    );
    const lists = numbers.flatMap((number) => known.get(number) ?? fetched.get(number) ?? []);
    this.#slots.set(slot, new Map(lists.map((list) => [list.began, list])));
    return lists;
  }
}

/** The messages that a slot has accepted within the dedupe window. */
export interface Seen {
  has(message: MessageName): boolean;
  accept(message: MessageName): void;
  /** Writes the accepted messages. Returns the numbers of all closed lists afterwards. */
  write(): readonly number[];
}

interface MessageName {
  readonly epoch: number;
  readonly keyValue?: string;
  readonly inputName: string;
  readonly messageId: string;
}

/** Reads the messages that the slot remembers; `closedSeen` returns the closed lists. */
export async function readSeen(
  state: KeyValues,
  meta: Pick<SlotMeta, 'seen'>,
  now: number,
  wire: readonly WireCommand[],
  {
    limits: { dedupeWindow },
    closedSeen,
  }: { readonly limits: Limits; closedSeen(numbers: readonly number[]): Promise<readonly SeenList[]> },
): Promise<Seen> {
  if (!wire.some(({ type }) => type === 'Message'))
    return { has: () => false, accept: () => {}, write: () => meta.seen };
  const since = now - dedupeWindow + 1;
  const isLive = (began: number) => began + LIST_SPAN > since;
  const closed = meta.seen.filter(isLive);
  const before = (await state.get<OpenList>(SEEN)) ?? { began: now, list: '' };
  const lists = [
    readSeenList(before.began, before.list),
    ...(closed.length === 0 ? [] : await closedSeen(closed)),
  ];
  const isOver = before.list.length >= MOST || now - before.began >= LIST_SPAN;
  // No two lists have one number.
  const began = isOver ? Math.max(now, before.began + 1) : before.began;
  const own = new Set<string>();
  let added = '';
  const nameOf = ({ epoch, keyValue, inputName, messageId }: MessageName) =>
    fingerprintOf(epoch, keyValue, inputName, messageId);
  const isKnown = (fingerprint: string) =>
    own.has(fingerprint) ||
    lists.some(({ began, times }) => began + (times.get(fingerprint) ?? Number.NaN) >= since);
  return {
    has: (message) => isKnown(nameOf(message)),
    accept(message) {
      const fingerprint = nameOf(message);
      if (isKnown(fingerprint)) return;
      own.add(fingerprint);
      added += entryOf(fingerprint, Math.max(0, now - began));
    },
    write() {
      for (const number of meta.seen) if (!isLive(number)) state.clear(seenEntry(number));
      if (added === '') return closed;
      const keeps = isOver && before.list !== '' && isLive(before.began);
      if (keeps) state.set(seenEntry(before.began), before.list);
      state.set<OpenList>(SEEN, { began, list: isOver ? added : before.list + added });
      return keeps ? [...closed, before.began] : closed;
    },
  };
}
