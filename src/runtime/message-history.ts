import { utf8Length } from '../core/expression/utf8.ts';
import type { Change, Store } from '../store/store.ts';
import type { Log } from './log.ts';
import type { IncomingMessage } from './messages.ts';
import { below, HISTORY_BYTES, historyKey } from './rows.ts';

export interface HistoryLimits {
  /** Milliseconds for which a message is kept. */
  readonly maxAge: number;
  /** Total bytes of all rows; the oldest are removed first. */
  readonly maxBytes: number;
}

/** A message accepted by a turn. */
export interface AcceptedMessage extends IncomingMessage {
  /** Set for a message that an action of a model caused. */
  readonly source?: 'iotEvents';
}

export interface HistoryQuery {
  /** Milliseconds since the epoch; `from` is inclusive, `to` exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly inputName?: string;
}

/** Rows read and deleted in one commit of a removal. */
const CHUNK = 100;
/** Fraction of the limit to which a removal shrinks the history, so that not every turn has to remove rows. */
const FILLED = 0.95;
/** Milliseconds that expired messages may stay on disk; readers do not see them. */
const SLACK = 60_000;

/**
 * The accepted messages in order, as far as the limits allow: one row for each turn, committed with it, with the JSON
 * lines as they are returned to readers.
 */
export class MessageHistory {
  readonly #store: Store;
  readonly #limits: HistoryLimits;
  readonly #log: Log;
  /** Of all rows, including those being committed. */
  #bytes: number;
  /** A lower bound for the time of the oldest row. */
  #oldest = Number.NEGATIVE_INFINITY;
  #removing: Promise<void> | undefined;

  /** Rejects with StoreError. */
  static async open(store: Store, limits: HistoryLimits, log: Log): Promise<MessageHistory> {
    return new MessageHistory(store, limits, log, Number((await store.get(HISTORY_BYTES)) ?? 0));
  }

  private constructor(store: Store, limits: HistoryLimits, log: Log, bytes: number) {
    this.#store = store;
    this.#limits = limits;
    this.#log = log;
    this.#bytes = bytes;
  }

  /**
   * The rows that store a turn's messages. Keys are ordered by the host's time, lines show the wall clock; `number`
   * tells apart turns at the same time.
   */
  rowsOf(
    messages: readonly AcceptedMessage[],
    { now, wall }: { readonly now: number; readonly wall: number },
    number: number,
  ): { readonly rows: readonly Change[]; readonly committed: () => void; readonly failed: () => void } {
    const text = messages.map((message) => lineOf(message, wall)).join('\n');
    const key = historyKey(now, number);
    const bytes = sizeOf(key, text);
    this.#bytes += bytes;
    return {
      rows: [[key, text], this.#total()],
      committed: () => this.#limit(now),
      failed: () => {
        this.#bytes -= bytes;
      },
    };
  }

  /** The messages as lines, oldest first; `ahead` is the wall clock's lead over `now`, the host's time. */
  async *read({ from = 0, to, inputName }: HistoryQuery, now: number, ahead = 0): AsyncGenerator<string> {
    await this.#removing;
    // Rows are ordered approximately, by the host's time; the filter applies to the time shown in each line.
    const first = Math.max(from - ahead - ABOUT, now - this.#limits.maxAge);
    const range = below('history');
    const ends = to === undefined ? range.to : historyKey(to - ahead + ABOUT, 0);
    const input = inputName === undefined ? undefined : `,"inputName":${JSON.stringify(inputName)},`;
    for await (const [, text] of this.#store.scan({ from: historyKey(first, 0), to: ends })) {
      for (const line of text.split('\n'))
        if ((input === undefined || line.startsWith(input, TIME)) && isWithin(line, from, to)) yield line;
    }
  }

  /** Waits for the removal in progress. */
  async close(): Promise<void> {
    await this.#removing;
  }

  #total(): Change {
    return [HISTORY_BYTES, String(this.#bytes)];
  }

  #limit(now: number): void {
    const { maxAge, maxBytes } = this.#limits;
    if (this.#bytes <= maxBytes && this.#oldest >= now - maxAge - SLACK) return;
    this.#removing ??= this.#remove(now)
      .catch((error: unknown) =>
        this.#log.error({ err: error }, 'old messages could not be removed from the history'),
      )
      .finally(() => {
        this.#removing = undefined;
      });
  }

  /** Removes the oldest rows until the rest is within both limits. */
  async #remove(now: number): Promise<void> {
    const { maxAge, maxBytes } = this.#limits;
    const most = this.#bytes > maxBytes ? maxBytes * FILLED : maxBytes;
    for (;;) {
      const rows: Change[] = [];
      let isEmpty = true;
      for await (const [key, text] of this.#store.scan({ ...below('history'), limit: CHUNK })) {
        isEmpty = false;
        const time = Number(key.split('/')[1]);
        if (time >= now - maxAge && this.#bytes <= most) {
          this.#oldest = time;
          break;
        }
        rows.push([key, null]);
        this.#bytes -= sizeOf(key, text);
      }
      if (isEmpty) this.#oldest = now;
      if (rows.length === 0) return;
      await this.#store.commit({ rows: [...rows, this.#total()] });
    }
  }
}

/** Milliseconds by which the difference of the two clocks may change without being recorded. */
const ABOUT = 1000;

function isWithin(line: string, from: number, to = Number.POSITIVE_INFINITY): boolean {
  const time = Date.parse(line.slice('{"time":"'.length, TIME - 1));
  return time >= from && time < to;
}

/** Where the members after the time begin in a line. */
const TIME = '{"time":"2020-01-01T00:00:00.000Z"'.length;

/** One line of JSON. The payload is kept as received, except for line breaks, which JSON allows only between tokens. */
function lineOf({ messageId, inputName, payload, source }: AcceptedMessage, time: number): string {
  const text = payload.text.replace(/[\r\n]+/g, ' ');
  return (
    `{"time":"${new Date(time).toISOString()}","inputName":${JSON.stringify(inputName)},` +
    `"messageId":${JSON.stringify(messageId)},"payload":${text}` +
    (source === undefined ? '}' : `,"source":"${source}"}`)
  );
}

function sizeOf(key: string, text: string): number {
  return key.length + utf8Length(text);
}
