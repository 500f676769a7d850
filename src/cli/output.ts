import { once } from 'node:events';
import { styleText } from 'node:util';
import { type Paint, PLAIN } from '../simulate/report/text.ts';

/** Bytes that are collected before they are written together. */
const CHUNK = 64 * 1024;

/** Standard output for very many lines: written in large pieces, at the pace of the reader. */
export class Output {
  #text = '';

  write(text: string): void {
    this.#text += text;
  }

  /** Resolves when what was written has been passed on, or is small enough to be collected further. */
  async pace(): Promise<void> {
    if (this.#text.length >= CHUNK) await this.flush();
  }

  /** Resolves when everything written has been passed on. */
  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
  }
}

/** Colours on a terminal, none in a pipe or with NO_COLOR. */
export function painter(): Paint {
  const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return isColoured ? (style, text) => styleText(style, text) : PLAIN;
}

/** Milliseconds between two lines of progress. */
const EVERY = 2000;

/** Shows the progress of a long run on standard error, and nothing for a short one. */
export class Progress {
  readonly #what: string;
  readonly #total: number | undefined;
  readonly #began = performance.now();
  #told = performance.now();

  /** `total` if it is known in advance. */
  constructor(what: string, total?: number) {
    this.#what = what;
    this.#total = total;
  }

  at(done: number): void {
    const now = performance.now();
    if (now - this.#told < EVERY) return;
    this.#told = now;
    const rate = Math.round(done / ((now - this.#began) / 1000));
    const show = (count: number) => count.toLocaleString('en-US');
    const total = this.#total === undefined ? '' : ` of ${show(this.#total)}`;
    process.stderr.write(`${show(done)}${total} ${this.#what}, ${show(rate)}/s\n`);
  }
}
