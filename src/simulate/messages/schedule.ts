import type { Element, MessageElement, OperatorElement } from './element.ts';

/** An element with its time, and with defaults filled in. */
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
  /** Milliseconds between a message without a time and the latest message before it. */
  readonly interval: number;
  /** For messages that name no input; undefined if there is no default. */
  readonly inputName: string | undefined;
  /** For operators' actions that name no alarm model. */
  readonly alarmModelName: string | undefined;
  readonly alarmModelNames: readonly string[];
}

/** A fault in a message file. `isUsage` is set if an option would fix it. */
export interface ScheduleFault {
  readonly message: string;
  readonly isUsage: boolean;
}

/**
 * Assigns times to elements in the order in which they are read. An element without a time follows the latest before it
 * by `interval`; if it is the very first, it gets the start time.
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  /** The latest time so far; undefined before the first element. */
  latest: number | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Returns the element with its time, or why it has none. `start` is the time of a first element without one. */
  next(element: Element, start: number): Scheduled | ScheduleFault {
    const { interval, inputName, alarmModelName, alarmModelNames } = this.#options;
    const time = element.time ?? (this.latest === undefined ? start : this.latest + interval);
    this.latest = Math.max(this.latest ?? time, time);
    if (element.kind === 'message') {
      const { kind, messageId, payload, isCaused } = element;
      const name = element.inputName ?? inputName;
      // No spread, because this runs for every message.
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
