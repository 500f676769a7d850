import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A file beside the database for as long as that is open. One that is found before tells that the process has ended in
 * between: it was killed, or LevelDB has ended it, which is what it does with some damaged tables.
 */
export class Unclosed {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = join(directory, 'UNCLOSED');
  }

  isThere(): boolean {
    return existsSync(this.#path);
  }

  make(): void {
    try {
      writeFileSync(this.#path, '');
    } catch {
      // Where there is no room or no right to write, LevelDB cannot open either, and says why.
    }
  }

  remove(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // The next start looks at the tables, that is all.
    }
  }
}
