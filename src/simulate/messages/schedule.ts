import type { Element, MessageElement, OperatorElement } from './element.ts';

/** An element with its time and what was left to defaults. */
export type Scheduled = ScheduledMessage | ScheduledOperator;

export interface ScheduledMessage extends MessageElement {
  readonly time: number;
  readonly inputName: string;
}

export interface ScheduledOperator extends OperatorElement {
  readonly time: number;
  readonly alarmModelName: string;
}

export interface ScheduleOptions {
  /** Milliseconds between a message without a time and the latest before it. */
  readonly interval: number;
  /** For messages that name none; undefined when nothing can be assumed. */
  readonly inputName: string | undefined;
  /** For operators' actions that name none. */
  readonly alarmModelName: string | undefined;
  readonly alarmModelNames: readonly string[];
}

/** A fault of a message file; `isUsage` when a flag would mend it. */
export interface ScheduleFault {
  readonly message: string;
  readonly isUsage: boolean;
}

/**
 * Gives elements their times, in the order in which they are read: one without a time comes `interval` after the
 * latest before it, the very first one at the start.
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  /** The latest time so far; undefined before the first. */
  latest: number | undefined;

  /** `start` is the time of a first element that has none. */
  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  next(element: Element, start: number): Scheduled | ScheduleFault {
    const { interval, inputName, alarmModelName, alarmModelNames } = this.#options;
    const time = element.time ?? (this.latest === undefined ? start : this.latest + interval);
    this.latest = Math.max(this.latest ?? time, time);
    if (element.kind === 'message') {
      const { kind, messageId, payload, isCaused } = element;
      const name = element.inputName ?? inputName;
      // Not spread: there are very many.
      if (name !== undefined) return { kind, time, inputName: name, messageId, payload, isCaused };
      const message = 'The message names no input and the models use several: name it with --input-name';
      return { message, isUsage: true };
    }
    const name = element.alarmModelName ?? alarmModelName;
    if (name === undefined) {
      const message = 'The action names no alarm model, and there is not exactly one';
      return { message, isUsage: false };
    }
    if (!alarmModelNames.includes(name))
      return { message: `There is no alarm model ${name}`, isUsage: false };
    return { ...element, time, alarmModelName: name };
  }
}
