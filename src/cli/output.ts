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
  readonly #total: number;
  readonly #what: string;
  readonly #began = performance.now();
  #told = performance.now();

  constructor(total: number, what: string) {
    this.#total = total;
    this.#what = what;
  }

  at(done: number): void {
    const now = performance.now();
    if (now - this.#told < EVERY) return;
    this.#told = now;
    const rate = Math.round(done / ((now - this.#began) / 1000));
    const [shown, total, perSecond] = [done, this.#total, rate].map((each) => each.toLocaleString('en-US'));
    process.stderr.write(`${shown} of ${total} ${this.#what}, ${perSecond}/s\n`);
  }
}
