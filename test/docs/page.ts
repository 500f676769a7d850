import { readFileSync } from 'node:fs';

/** A fenced code block of a page. */
export interface Block {
  /** `sh`, `json`, `text`, … */
  readonly language: string;
  /** The text after the language, such as `title=pump.json`. */
  readonly info: string;
  readonly text: string;
  /** The line number of its first line. */
  readonly line: number;
}

const ROOT = new URL('../../', import.meta.url);

/** The fenced blocks of a Markdown file, in order. `path` is relative to the project's root. */
export function blocksOf(path: string): Block[] {
  const lines = readFileSync(new URL(path, ROOT), 'utf8').split('\n');
  const blocks: Block[] = [];
  let open: { language: string; info: string; text: string[]; line: number } | undefined;
  for (const [index, line] of lines.entries()) {
    const fence = /^```(\S*)\s*(.*)$/.exec(line);
    if (fence === null) open?.text.push(line);
    else if (open === undefined)
      open = { language: fence[1] ?? '', info: fence[2] ?? '', text: [], line: index + 2 };
    else {
      blocks.push({ ...open, text: open.text.join('\n') });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block is not closed`);
  return blocks;
}
