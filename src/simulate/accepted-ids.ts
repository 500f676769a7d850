/**
 * Detects duplicate messages as the server does: an input rejects a message id that it accepted within `window`, in
 * virtual time.
 */
export class AcceptedIds {
  readonly #window: number;
  /** In order of acceptance. */
  readonly #times = new Map<string, number>();

  /** `window` is in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  has(inputName: string, messageId: string, now: number): boolean {
    const time = this.#times.get(keyOf(inputName, messageId));
    return time !== undefined && time > now - this.#window;
  }

  add(inputName: string, messageId: string, now: number): void {
    for (const [key, time] of this.#times) {
      if (time > now - this.#window) break;
      this.#times.delete(key);
    }
    const key = keyOf(inputName, messageId);
    this.#times.delete(key);
    this.#times.set(key, now);
  }
}

function keyOf(inputName: string, messageId: string): string {
  return `${inputName}\0${messageId}`;
}
