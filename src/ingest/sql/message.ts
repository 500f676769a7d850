import { parseJson } from './json.ts';
import { type SqlVersion, wholeIsInt } from './numbers.ts';
import { Binary, type Value } from './value.ts';

/** A payload, parsed when a statement first reads it (docs/topic-rules.md: The SQL). */
export class Payload {
  readonly bytes: Uint8Array;
  readonly #text: string | undefined;
  /** The parsed value where whole numbers are Int, and where they may be Decimal. */
  #whole: Value | undefined;
  #exact: Value | undefined;

  /** `text` is the payload as UTF-8; undefined when it is not valid UTF-8. */
  constructor(bytes: Uint8Array, text: string | undefined) {
    this.bytes = bytes;
    this.#text = text;
  }

  /** The JSON object or array; for anything else, the bytes. */
  value(version: SqlVersion): Value {
    if (wholeIsInt(version)) {
      this.#whole ??= this.#parse(version);
      return this.#whole;
    }
    this.#exact ??= this.#parse(version);
    return this.#exact;
  }

  #parse(version: SqlVersion): Value {
    // A bare number, text or null is not a JSON payload.
    if (this.#text === undefined || !/^\s*[[{]/.test(this.#text)) return new Binary(this.bytes);
    return parseJson(this.#text, version) ?? new Binary(this.bytes);
  }
}

/** A message with everything that functions can read, including time and randomness, since this code has neither. */
export interface Message {
  readonly payload: Payload;
  /** Without the Basic Ingest prefix. */
  readonly topic: string;
  /** Undefined when the message did not arrive over MQTT, or an external broker does not report it. */
  readonly clientId: string | undefined;
  /** Undefined when the message did not arrive over MQTT. */
  readonly traceId: string | undefined;
  readonly principal: string | undefined;
  readonly sourceIp: string | undefined;
  readonly properties: MessageProperties | undefined;
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  newUuid(): string;
  /** In [0, 1). */
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
