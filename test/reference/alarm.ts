/**
 * A second implementation of an alarm, slow and obvious: a few facts, from which the state is derived. Written from the
 * specification (reference: alarms 2), independently of the engine's table.
 */
export class ReferenceAlarm {
  readonly #acknowledgeFlow: boolean;
  #on: boolean;
  /** When a snooze ends. */
  #quietUntil: number | undefined;
  /** Whether the last evaluated value was beyond the threshold. */
  #beyond = false;
  /** Whether an operator has acknowledged the current alarm. */
  #seen = false;
  /** Whether a past alarm still needs an acknowledgement. */
  #unseenPast = false;

  constructor({ acknowledgeFlow, enabled }: { acknowledgeFlow: boolean; enabled: boolean }) {
    this.#acknowledgeFlow = acknowledgeFlow;
    this.#on = enabled;
  }

  get state(): string {
    if (!this.#on) return 'DISABLED';
    if (this.#quietUntil !== undefined) return 'SNOOZE_DISABLED';
    if (this.#beyond) return this.#seen ? 'ACKNOWLEDGED' : 'ACTIVE';
    return this.#unseenPast ? 'LATCHED' : 'NORMAL';
  }

  value(isBeyond: boolean): void {
    if (!this.#on || this.#quietUntil !== undefined) return;
    if (this.#beyond && !isBeyond && !this.#seen && this.#acknowledgeFlow) this.#unseenPast = true;
    if (isBeyond) this.#unseenPast = false;
    if (!isBeyond) this.#seen = false;
    this.#beyond = isBeyond;
  }

  /** Applies everything due by then. */
  passTo(now: number): void {
    if (this.#quietUntil === undefined || this.#quietUntil > now) return;
    this.#beginAnew();
  }

  /** Returns whether the action was possible. */
  act(action: string, now: number, seconds: number): boolean {
    const isLooking = this.#on && this.#quietUntil === undefined;
    const wantsAttention = isLooking && (this.#beyond || this.#unseenPast);
    switch (action) {
      case 'ENABLE':
        if (isLooking) return false;
        this.#on = true;
        this.#beginAnew();
        return true;
      case 'DISABLE':
        if (!this.#on) return false;
        this.#beginAnew();
        this.#on = false;
        return true;
      case 'SNOOZE':
        if (!isLooking) return false;
        this.#beginAnew();
        this.#quietUntil = now + seconds * 1000;
        return true;
      case 'RESET':
        if (!wantsAttention) return false;
        this.#beginAnew();
        return true;
      default:
        if (!wantsAttention || this.#seen) return false;
        if (this.#beyond && !this.#acknowledgeFlow) return false;
        this.#seen = this.#beyond;
        this.#unseenPast = false;
        return true;
    }
  }

  #beginAnew(): void {
    this.#quietUntil = undefined;
    this.#beyond = false;
    this.#seen = false;
    this.#unseenPast = false;
  }
}
