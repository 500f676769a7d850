/** Takes keys and values of rows piece by piece, so that they need not become strings first. */
export interface RowWriter {
  /** Bytes written so far. */
  readonly size: number;
  /** Continues the key or the value. */
  text(text: string): void;
  constant(constant: RowConstant): void;
  /** Continues with `JSON.stringify(text)`. */
  json(text: string): void;
  /** Continues with `String(number)`. */
  number(number: number): void;
  /** Ends a key or a value. */
  end(): void;
  /** In place of a value: there is no such row any more. */
  deleted(): void;
}

/** A text that many rows have, with its bytes: most of a row is such texts, and bytes are several times as fast. */
export interface RowConstant {
  readonly text: string;
  /** Empty when the text is not ASCII. */
  readonly ascii: Uint8Array;
}

const NO_BYTES = new Uint8Array();

export function rowConstant(text: string): RowConstant {
  const ascii = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) return { text, ascii: NO_BYTES };
    ascii[at] = code;
  }
  return { text, ascii };
}
