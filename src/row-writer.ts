/** Takes keys and values of rows piece by piece, so that they need not become strings first. */
export interface RowWriter {
  /** Bytes written so far. */
  readonly size: number;
  /** Continues the key or the value. */
  text(text: string): void;
  /** Continues with `String(number)`. */
  number(number: number): void;
  /** Ends a key or a value. */
  end(): void;
  /** In place of a value: there is no such row any more. */
  deleted(): void;
}
