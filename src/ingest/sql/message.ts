import { parseJson } from './json.ts';
import { type SqlVersion, wholeIsInt } from './numbers.ts';
import { Binary, type Value } from './value.ts';

/** A payload, parsed when a statement first looks at it (docs/topic-rules.md: The SQL). */
export class Payload {
  readonly bytes: Uint8Array;
  readonly #text: string | undefined;
  readonly #parsed: (Value | undefined)[] = [undefined, undefined];

  /** `text`: the bytes as UTF-8; undefined when they are none. */
  constructor(bytes: Uint8Array, text: string | undefined) {
    this.bytes = bytes;
    this.#text = text;
  }

  /** The JSON object or array; the bytes for everything else. */
  value(version: SqlVersion): Value {
    const slot = Number(wholeIsInt(version));
    this.#parsed[slot] ??= this.#parse(version);
    return this.#parsed[slot];
  }

  #parse(version: SqlVersion): Value {
    // A bare number, text or null is no JSON payload.
    if (this.#text === undefined || !/^\s*[[{]/.test(this.#text)) return new Binary(this.bytes);
    return parseJson(this.#text, version) ?? new Binary(this.bytes);
  }
}

/** A message, and all that functions tell of it and of the world: nothing here has a clock or draws lots. */
export interface Message {
  readonly payload: Payload;
  /** Without the prefix of Basic Ingest. */
  readonly topic: string;
  /** Undefined when it did not come by MQTT, or an external broker does not say. */
  readonly clientId: string | undefined;
  /** Undefined when it did not come by MQTT. */
  readonly traceId: string | undefined;
  readonly principal: string | undefined;
  readonly sourceIp: string | undefined;
  readonly properties: MessageProperties | undefined;
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  newUuid(): string;
  /** From 0 up to 1. */
  random(): number;
}

/** Properties of an MQTT 5 PUBLISH. */
export interface MessageProperties {
  readonly userProperties?: readonly { readonly key: string; readonly value: string }[] | undefined;
  readonly payloadFormatIndicator?: boolean | undefined;
  readonly contentType?: string | undefined;
  readonly responseTopic?: string | undefined;
  readonly correlationData?: Uint8Array | undefined;
}
