import type { Held } from '../../src/core/engine/held.ts';
import type { Turn } from '../../src/core/engine/turn.ts';
import type { RowConstant, RowWriter } from '../../src/row-writer.ts';

/** The obvious way to write rows: as strings. */
class TextRows implements RowWriter {
  readonly texts: (string | null)[] = [];
  size = 0;
  #text = '';

  text(text: string): void {
    this.#text += text;
    this.size += Buffer.byteLength(text);
  }

  constant({ text }: RowConstant): void {
    this.text(text);
  }

  json(text: string): void {
    this.text(JSON.stringify(text));
  }

  number(number: number): void {
    this.text(String(number));
  }

  end(): void {
    this.texts.push(this.#text);
    this.#text = '';
  }

  deleted(): void {
    this.texts.push(null);
  }
}

/** What is written, as one text. */
export function textOf(write: (out: RowWriter) => void): string {
  const rows = new TextRows();
  write(rows);
  rows.end();
  return rows.texts.join('');
}

/** The value of an instance's row; null when there is none. */
export function rowOf(held: Pick<Held, 'write'>): string | null {
  const rows = new TextRows();
  held.write(rows);
  return rows.texts[0] ?? null;
}

/** The rows of a turn. */
export function rowsOf(turn: Turn): (readonly [key: string, row: string | null])[] {
  const written = new TextRows();
  turn.writeRows(written);
  const { texts } = written;
  return texts.flatMap((text, index) =>
    index % 2 === 0 ? [[text as string, texts[index + 1] ?? null]] : [],
  );
}
