import type { Limits } from '../limits.ts';
import type { WireCommand } from './contract.ts';
import { entryOf, fingerprintOf, fingerprintsIn } from './fingerprint.ts';
import type { KeyValues } from './key-values.ts';
import { type SlotMeta, seenEntry } from './slot-entries.ts';

/** Milliseconds covered by one `seen` entry. */
const SEEN_SPAN = 30_000;

/** The number of the entry for messages of that time. */
export function seenNumber(now: number): number {
  return Math.floor(now / SEEN_SPAN);
}

/** The texts of entries, in order. */
export async function readSeenTexts(
  state: Pick<KeyValues, 'getAll'>,
  numbers: readonly number[],
): Promise<readonly string[]> {
  const texts = await state.getAll<string>(numbers.map((number) => seenEntry(number)));
  return texts.map((text) => text ?? '');
}

/**
 * The entries of past half minutes, as this worker has seen them: they never change, so they need not be read with each
 * call or recorded in its journal.
 */
export class SeenCache {
  readonly #limits: Limits;
  readonly #fetch: (slot: number, numbers: readonly number[]) => Promise<readonly string[]>;
  /** By slot, then by number. */
  readonly #slots = new Map<number, Map<number, string>>();

  constructor(
    limits: Limits,
    fetch: (slot: number, numbers: readonly number[]) => Promise<readonly string[]>,
  ) {
    this.#limits = limits;
    this.#fetch = fetch;
  }

  /** The texts of a slot's entries, in the order of the numbers; rejects when the fetch does. */
  async closed(slot: number, numbers: readonly number[]): Promise<readonly string[]> {
    const known = this.#slots.get(slot) ?? new Map<number, string>();
    this.#slots.set(slot, known);
    const missing = numbers.filter((number) => !known.has(number));
    if (missing.length > 0) {
      const texts = await this.#fetch(slot, missing);
      for (const [index, number] of missing.entries()) known.set(number, texts[index] ?? '');
      const oldest = Math.max(...numbers) - Math.ceil(this.#limits.dedupeWindow / SEEN_SPAN) - 1;
      for (const number of known.keys()) if (number < oldest) known.delete(number);
    }
    return numbers.map((number) => known.get(number) ?? '');
  }
}

/** The messages that a slot has accepted within the dedupe window. */
export interface Seen {
  has(message: MessageName): boolean;
  accept(message: MessageName): void;
  /** Writes the accepted messages. Returns the numbers of all entries afterwards. */
  write(): readonly number[];
}

interface MessageName {
  readonly epoch: number;
  readonly keyValue?: string;
  readonly inputName: string;
  readonly messageId: string;
}

/** Reads the messages that the slot remembers; `closedSeen` returns the texts of past entries. */
export async function readSeen(
  state: KeyValues,
  meta: SlotMeta,
  now: number,
  wire: readonly WireCommand[],
  {
    limits: { dedupeWindow },
    closedSeen,
  }: { readonly limits: Limits; closedSeen(numbers: readonly number[]): Promise<readonly string[]> },
): Promise<Seen> {
  const current = seenNumber(now);
  const oldest = seenNumber(now - dedupeWindow);
  const live = meta.seen.filter((number) => number >= oldest);
  if (!wire.some(({ type }) => type === 'Message'))
    return { has: () => false, accept: () => {}, write: () => meta.seen };
  const closed = live.filter((number) => number !== current);
  const known = new Set<string>();
  const remember = (number: number, text: string) => {
    const began = number * SEEN_SPAN;
    for (const each of fingerprintsIn(text, now - dedupeWindow + 1 - began)) known.add(each);
  };
  const closedTexts = closed.length === 0 ? [] : await closedSeen(closed);
  for (const [index, number] of closed.entries()) remember(number, closedTexts[index] ?? '');
  const text = (await state.get<string>(seenEntry(current))) ?? '';
  remember(current, text);
  let added = '';
  const nameOf = ({ epoch, keyValue, inputName, messageId }: MessageName) =>
    fingerprintOf(epoch, keyValue, inputName, messageId);
  return {
    has: (message) => known.has(nameOf(message)),
    accept(message) {
      const fingerprint = nameOf(message);
      if (known.has(fingerprint)) return;
      known.add(fingerprint);
      added += entryOf(fingerprint, now - current * SEEN_SPAN);
    },
    write() {
      for (const number of meta.seen) if (number < oldest) state.clear(seenEntry(number));
      if (added === '') return live;
      state.set(seenEntry(current), text + added);
      return live.includes(current) ? live : [...live, current];
    },
  };
}
