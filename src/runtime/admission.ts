import type { Outcome, Refusal } from '../core/engine/refusal.ts';
import { keyOf } from '../core/engine/routing.ts';
import type { RunningModel } from '../core/engine/running.ts';
import { utf8Length } from '../core/expression/utf8.ts';
import type { Limits } from '../limits.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { DedupeWindow, MessageId } from './dedupe.ts';
import type { IncomingMessage } from './messages.ts';
import { Throttle } from './throttle.ts';

/** The decision on a message, whatever its source. */
export type Admitted =
  | { readonly type: 'Take'; readonly models: readonly RunningModel[] }
  /** Its id was accepted before: answered with the same success, and not evaluated again. */
  | { readonly type: 'Duplicate' }
  | { readonly type: 'Refuse'; readonly refusal: Refusal };

/**
 * The single admission check for messages: payload size, known input, ids accepted before, remaining capacity, rate
 * limits. A host calls it in the turn that evaluates the message, and records the id when the message is accepted.
 */
export class Admission {
  readonly #limits: Limits;
  readonly #dedupe: DedupeWindow;
  readonly #throttle: Throttle;
  readonly #isOutboxFull: () => boolean;
  /** Of the last message: usually the next ones are for the same input. */
  #latest: Route | undefined;

  constructor(limits: Limits, dedupe: DedupeWindow, isOutboxFull: () => boolean) {
    this.#limits = limits;
    this.#dedupe = dedupe;
    this.#throttle = new Throttle(limits);
    this.#isOutboxFull = isOutboxFull;
  }

  /** The ids of messages that are admitted next. */
  identify(messages: readonly IncomingMessage[]): readonly MessageId[] {
    return this.#dedupe.identify(messages);
  }

  admit(catalog: Catalog, id: MessageId, payload: IncomingMessage['payload'], now: number): Admitted {
    const { inputName } = id;
    const { messageBytes, dedupeEntries, pendingActions } = this.#limits;
    const size = sizeRefusal(payload.text, messageBytes);
    if (size !== undefined) return { type: 'Refuse', refusal: size };
    const models = this.#route(catalog, inputName);
    if (models === undefined) {
      const message = `Input of name: ${inputName} not found`;
      return { type: 'Refuse', refusal: { code: 'ResourceNotFoundException', message } };
    }
    if (this.#dedupe.has(id, now)) return { type: 'Duplicate' };
    if (this.#dedupe.isFull(dedupeEntries, now))
      return throttled(`Number of messages within the dedupe window exceeds the limit ${dedupeEntries}`);
    if (this.#isOutboxFull())
      return throttled(`Number of actions that wait for delivery exceeds the limit ${pendingActions}`);
    if (this.#throttle.isOn) {
      const refusal = this.#throttle.take(reached(models, payload), now);
      if (refusal !== undefined) return { type: 'Refuse', refusal };
    }
    return { type: 'Take', models };
  }

  #route(catalog: Catalog, inputName: string): readonly RunningModel[] | undefined {
    if (this.#latest?.inputName !== inputName || this.#latest.catalog !== catalog) {
      const models = catalog.takes(inputName) ? catalog.route(inputName) : undefined;
      this.#latest = { catalog, inputName, models };
    }
    return this.#latest.models;
  }
}

interface Route {
  readonly catalog: Catalog;
  readonly inputName: string;
  /** Undefined when there is no such input. */
  readonly models: readonly RunningModel[] | undefined;
}

/** The refusal of a payload whose UTF-8 exceeds `limit` bytes; undefined when it fits. */
export function sizeRefusal(text: string, limit: number): Outcome {
  // A UTF-16 unit takes at most three bytes of UTF-8, so most payloads need no character count.
  if (3 * text.length <= limit) return undefined;
  const bytes = utf8Length(text);
  if (bytes <= limit) return undefined;
  const message = `Payload size of ${bytes} bytes exceeds the limit ${limit}`;
  return { code: 'InvalidRequestException', message };
}

/** The detectors and alarms that the message reaches. */
function reached(models: readonly RunningModel[], payload: IncomingMessage['payload']): string[] {
  return models.flatMap((model) => {
    const key = keyOf(model, payload);
    return key.ok ? [`${model.epoch}/${key.keyValue}`] : [];
  });
}

function throttled(message: string): Admitted {
  return { type: 'Refuse', refusal: { code: 'ThrottlingException', message } };
}
