import { matches } from '../../ingest/mqtt/topics.ts';
import type { Publication } from '../../ingest/rules/publication.ts';

/** A published message, as `GET /_tripline/topics` sends it. */
export interface TopicMessage {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly topic: string;
  /** At most 2,000 bytes as text, or as base64 when they are not UTF-8. */
  readonly payload: string;
  readonly encoding: 'utf8' | 'base64';
  /** Bytes of the whole payload. */
  readonly size: number;
  /** `rule` for a message republished by a topic rule. */
  readonly via: 'mqtt' | 'http' | 'rule';
  readonly clientId?: string;
}

export interface TopicReader {
  /** A topic filter with `+` and `#`. */
  readonly filter: string;
  /** Whether there is room; if not, the message is skipped without reading its payload. */
  readonly takes: () => boolean;
  readonly send: (json: string) => void;
  readonly skipped: () => void;
}

/** Bytes of a payload that are shown. */
const SHOWN = 2000;

/** Passes published messages to readers of their topics. Costs almost nothing while there are none. */
export class TopicTail {
  readonly #readers = new Set<TopicReader>();
  readonly #closing = new Set<() => void>();
  readonly #now: () => number;

  /** `now` returns milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  see(publication: Publication): void {
    if (this.#readers.size === 0) return;
    let json: string | undefined;
    for (const reader of this.#readers) {
      if (!matches(reader.filter, publication.topic)) continue;
      if (!reader.takes()) {
        reader.skipped();
        continue;
      }
      json ??= JSON.stringify(messageOf(publication, this.#now()));
      reader.send(json);
    }
  }

  /** Returns a function that unsubscribes; `onClose` is called when the server closes. */
  subscribe(reader: TopicReader, onClose: () => void): () => void {
    this.#readers.add(reader);
    this.#closing.add(onClose);
    return () => {
      this.#readers.delete(reader);
      this.#closing.delete(onClose);
    };
  }

  close(): void {
    for (const onClose of [...this.#closing]) onClose();
  }
}

function messageOf({ topic, payload, via, clientId, hops }: Publication, at: number): TopicMessage {
  const shown = payload.subarray(0, SHOWN);
  const text = textOf(shown, payload.length > SHOWN);
  return {
    ...{ at, topic, size: payload.length },
    payload: text ?? shown.toString('base64'),
    encoding: text === undefined ? 'base64' : 'utf8',
    via: hops === undefined || hops === 0 ? via : 'rule',
    ...(clientId !== undefined && { clientId }),
  };
}

/** Undefined when the bytes are not UTF-8. If they were cut, the last character may be incomplete. */
function textOf(bytes: Buffer, isCut: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    // Throwing is the expected result for bytes that are not UTF-8.
    return undefined;
  }
}
