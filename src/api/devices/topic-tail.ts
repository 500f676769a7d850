import { matches } from '../../ingest/mqtt/topics.ts';
import type { Publication } from '../../ingest/rules/publication.ts';

/** A message that was published, as `GET /_tripline/topics` sends it. */
export interface TopicMessage {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly topic: string;
  /** The text, or base64 where the bytes are no UTF-8; no more of it than 2,000 bytes. */
  readonly payload: string;
  readonly encoding: 'utf8' | 'base64';
  /** Bytes of the whole payload. */
  readonly size: number;
  /** `rule` for what a topic rule has republished. */
  readonly via: 'mqtt' | 'http' | 'rule';
  readonly clientId?: string;
}

export interface TopicReader {
  /** A topic filter with `+` and `#`. */
  readonly filter: string;
  /** Whether it has room; the payload of a message that is left out is not looked at. */
  readonly takes: () => boolean;
  readonly send: (json: string) => void;
  readonly skipped: () => void;
}

/** Bytes of a payload that are shown. */
const SHOWN = 2000;

/** Shows messages that are published to those who watch their topics. Costs next to nothing while nobody does. */
export class TopicTail {
  readonly #readers = new Set<TopicReader>();
  readonly #closing = new Set<() => void>();
  readonly #now: () => number;

  /** `now` in milliseconds since the epoch. */
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

  /** Returns a function that ends it; `onClose` is called when the server closes. */
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

/** Undefined for what is no UTF-8. Where it was cut, the last character may be half there. */
function textOf(bytes: Buffer, isCut: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    // Whether it throws is the question.
    return undefined;
  }
}
