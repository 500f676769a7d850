import type { Outcome, Refusal } from '../core/engine/refusal.ts';

export interface ThrottleLimits {
  /** Messages that one detector evaluates in a second; 0 for no limit. */
  readonly messagesPerDetectorPerSecond: number;
  /** Messages that all detectors together evaluate in a second; 0 for no limit. */
  readonly evaluationsPerSecond: number;
}

/** The service's rate limits, off unless set (reference: limits). Counted in whole seconds. */
export class Throttle {
  readonly #limits: ThrottleLimits;
  #second = 0;
  #all = 0;
  #detectors = new Map<string, number>();

  constructor(limits: ThrottleLimits) {
    this.#limits = limits;
  }

  get isOn(): boolean {
    const { messagesPerDetectorPerSecond, evaluationsPerSecond } = this.#limits;
    return messagesPerDetectorPerSecond > 0 || evaluationsPerSecond > 0;
  }

  /** Counts a message for each of these detectors; when a rate is exceeded, returns the refusal and counts nothing. */
  take(detectors: readonly string[], now: number): Outcome {
    const { messagesPerDetectorPerSecond: each, evaluationsPerSecond: all } = this.#limits;
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#all = 0;
      this.#detectors = new Map();
    }
    if (all > 0 && this.#all + detectors.length > all)
      return throttled(`Number of messages evaluated per second exceeds the limit ${all}`);
    if (each > 0 && detectors.some((detector) => (this.#detectors.get(detector) ?? 0) >= each))
      return throttled(`Number of messages per detector per second exceeds the limit ${each}`);
    this.#all += detectors.length;
    if (each > 0) for (const detector of detectors) this.#count(detector);
    return undefined;
  }

  #count(detector: string): void {
    this.#detectors.set(detector, (this.#detectors.get(detector) ?? 0) + 1);
  }
}

function throttled(message: string): Refusal {
  return { code: 'ThrottlingException', message };
}
