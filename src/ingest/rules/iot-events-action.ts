import { isKeyProblem } from '../../core/engine/routing.ts';
import { parseJson } from '../../core/expression/json.ts';
import { utf8Length } from '../../core/expression/utf8.ts';
import type { Json } from '../../core/expression/value.ts';
import type { Limits } from '../../limits.ts';
import type { IncomingMessage } from '../../runtime/messages.ts';
import { allOf } from '../all-of.ts';
import {
  type CompiledTemplate,
  isArray,
  isObject,
  isPlain,
  type Outcome,
  renderJson,
  typeOf,
} from '../sql/index.ts';
import type { Failure, Occasion, RuleAction, Tell } from './action.ts';
import type { InputQueue } from './input-queue.ts';

export interface IotEventsOptions {
  readonly inputName: CompiledTemplate;
  /** When absent, each message gets a new UUID. */
  readonly messageId: CompiledTemplate | undefined;
  readonly batchMode: boolean;
  readonly limits: Limits;
  readonly queue: () => InputQueue;
  readonly newUuid: () => string;
}

const NAME = 'IotEventsAction';
const INPUT_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,127}$/;
const MESSAGE_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** Sends the result of SELECT as a message to an input (docs/topic-rules.md: Actions). */
export function iotEventsAction(options: IotEventsOptions): RuleAction {
  const send = <T>(value: Outcome, inputName: string, occasion: Occasion, tell: Tell<T>): Promise<T> => {
    const messageId = options.messageId?.render(occasion.scope) ?? options.newUuid();
    const message = messageOf(inputName, messageId, value, options.limits);
    if (typeof message === 'string')
      return Promise.resolve(tell([refused(message, occasion, inputName, messageId)]));
    return options.queue().put(laneOf(occasion), message, (refusal) => {
      if (refusal === undefined) return tell(NO_FAILURES);
      return tell([failure(occasion, inputName, messageId, refusal.code, refusal.message)]);
    });
  };
  return {
    kind: 'iotEvents',
    name: NAME,
    start(value, occasion, tell) {
      const inputName = options.inputName.render(occasion.scope);
      if (!INPUT_NAME.test(inputName)) {
        const message = `${shown(inputName)} is not the name of an input`;
        return Promise.resolve(tell([refused(message, occasion, inputName)]));
      }
      if (!options.batchMode || !isArray(value)) return send(value, inputName, occasion, tell);
      const most = options.limits.batchSize;
      if (value.length > most) {
        const message = `The batch has ${value.length} messages; the limit is ${most}`;
        return Promise.resolve(tell([refused(message, occasion, inputName)]));
      }
      const sent = value.map((each) => send(each, inputName, occasion, (failures) => failures));
      return allOf(sent).then((failures) => tell(failures.flat()));
    },
  };
}

const NO_FAILURES: readonly Failure[] = [];

/** Order is kept within a client, or within a topic when the client is unknown. */
function laneOf({ message: { publication } }: Occasion): string {
  return publication.clientId === undefined ? `topic ${publication.topic}` : `client ${publication.clientId}`;
}

/** The message, or the reason why it is invalid. */
function messageOf(
  inputName: string,
  messageId: string,
  value: Outcome,
  { messageBytes }: Limits,
): IncomingMessage | string {
  if (!isObject(value)) return `The result is ${typeOf(value)}, but an input needs an Object`;
  if (!MESSAGE_ID.test(messageId))
    return `The messageId ${shown(messageId)} must have 1 to 64 letters, digits, hyphens or underscores`;
  const text = renderJson(value);
  // A UTF-16 unit takes at most three bytes of UTF-8, so most texts need no character count.
  const bytes = 3 * text.length <= messageBytes ? 0 : utf8Length(text);
  if (bytes > messageBytes) return `Payload size of ${bytes} bytes exceeds the limit ${messageBytes}`;
  const read = jsonOf(value, text);
  return typeof read === 'string' ? read : { messageId, inputName, payload: { text, value: read } };
}

type JsonObject = Exclude<Json, null | string | number | bigint | boolean>;

/**
 * The value as a JSON object, or the reason why it is not one. Most values are plain already; others are parsed from
 * their text.
 */
function jsonOf(value: Outcome, text: string): JsonObject | string {
  if (value !== undefined && isPlain(value)) return value as JsonObject;
  const parsed = parseJson(text);
  return parsed.ok ? (parsed.value as JsonObject) : `The payload is not valid JSON: ${parsed.message}`;
}

function refused(message: string, occasion: Occasion, inputName: string, messageId = ''): Failure {
  return failure(occasion, inputName, messageId, 'InvalidRequestException', message);
}

function failure(
  { message: { topic } }: Occasion,
  inputName: string,
  messageId: string,
  code: string,
  message: string,
): Failure {
  return {
    failedAction: NAME,
    failedResource: inputName,
    errorMessage:
      `Failed to send message to Iot Events. The error received was ${code}: ${message}. ` +
      (isKeyProblem(message) ? 'Verify the Input Attribute key. ' : '') +
      `Message arrived on: ${topic}, Action: iotEvents, Input: ${inputName}, MessageId: "${messageId}"`,
  };
}

function shown(text: string): string {
  return `'${text.slice(0, 128)}'`;
}
