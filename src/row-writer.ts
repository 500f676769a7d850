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

export function rowConstant(text: string): RowConstant {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  return { text, ascii: Uint8Array.from(codes.every((code) => code < 0x80) ? codes : []) };
}
