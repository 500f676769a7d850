import { once } from 'node:events';
import { styleText } from 'node:util';
import { type Paint, PLAIN } from '../simulate/report/text.ts';

/** Bytes that are kept before they are written at once. */
const CHUNK = 64 * 1024;

/** Standard output for very many lines: written in large pieces, at the pace of whoever reads them. */
export class Output {
  #text = '';

  write(text: string): void {
    this.#text += text;
  }

  /** Resolves when what was written is on its way, or little enough to wait for more. */
  async pace(): Promise<void> {
    if (this.#text.length >= CHUNK) await this.flush();
  }

  /** Resolves when everything written is on its way. */
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

/** Tells on standard error how far a long run has come; says nothing of a short one. */
export class Progress {
  readonly #what: string;
  readonly #total: number | undefined;
  readonly #began = performance.now();
  #told = performance.now();

  /** `total` where it is known how many there will be. */
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
