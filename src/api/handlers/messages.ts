import type { Outcome, RefusalCode } from '../../core/engine/refusal.ts';
import { Fault } from '../../runtime/fault.ts';
import { type IncomingMessage, readPayload } from '../../runtime/messages.ts';
import type { Service } from './service.ts';

interface Message {
  readonly messageId: string;
  readonly inputName: string;
  readonly payload: Buffer;
}

interface ErrorEntry {
  readonly messageId: string;
  readonly errorCode: RefusalCode;
  readonly errorMessage: string;
}

/** Evaluates messages; answers when the outcome is durable (reference: models 4). */
export async function batchPutMessage(
  service: Service,
  { messages }: { readonly messages: readonly Message[] },
) {
  checkBatch(service, messages);
  const { incoming, unreadable } = read(messages);
  const outcomes = incoming.length > 0 ? await service.host.put(incoming) : [];
  if (unreadable === undefined) return { BatchPutMessageErrorEntries: refusedOf(incoming, outcomes) };
  return {
    BatchPutMessageErrorEntries: inOrder(messages, [...unreadable, ...refusedOf(incoming, outcomes)]),
  };
}

interface Batch {
  readonly incoming: readonly IncomingMessage[];
  /** The entries of those whose payload cannot be read; undefined when there are none. */
  readonly unreadable: readonly ErrorEntry[] | undefined;
}

function read(messages: readonly Message[]): Batch {
  let unreadable: ErrorEntry[] | undefined;
  const incoming: IncomingMessage[] = [];
  // Usually the same for all: as one string, whose hash V8 computes once.
  let inputName = '';
  for (const { messageId, inputName: name, payload: bytes } of messages) {
    if (name !== inputName) inputName = name;
    const payload = readPayload(bytes);
    if (typeof payload !== 'string') incoming.push({ messageId, inputName, payload });
    else {
      unreadable ??= [];
      unreadable.push(entry(messageId, 'InvalidRequestException', payload));
    }
  }
  return { incoming, unreadable };
}

function refusedOf(incoming: readonly IncomingMessage[], outcomes: readonly Outcome[]): ErrorEntry[] {
  const entries: ErrorEntry[] = [];
  for (let at = 0; at < outcomes.length; at++) {
    const refusal = outcomes[at];
    if (refusal === undefined) continue;
    const { messageId = '' } = incoming[at] ?? {};
    entries.push(entry(messageId, refusal.code, refusal.message));
  }
  return entries;
}

/** Entries in the order of the request. */
function inOrder(messages: readonly Message[], entries: readonly ErrorEntry[]): ErrorEntry[] {
  const byId = new Map(entries.map((each) => [each.messageId, each]));
  return messages.flatMap(({ messageId }) => byId.get(messageId) ?? []);
}

/** An error of the batch itself refuses the whole batch. */
function checkBatch({ limits }: Service, messages: readonly Message[]): void {
  if (messages.length > limits.batchSize) {
    const message = `Number of messages in the batch ${messages.length} exceeds the limit ${limits.batchSize}`;
    throw new Fault('InvalidRequestException', message);
  }
  const ids = new Set<string>();
  for (const { messageId, payload } of messages) {
    if (ids.has(messageId))
      throw new Fault('InvalidRequestException', `Message ID ${messageId} is not unique within the batch`);
    ids.add(messageId);
    if (payload.length > limits.messageBytes) {
      const size = `Payload size of ${payload.length} bytes of message ID ${messageId}`;
      throw new Fault('InvalidRequestException', `${size} exceeds the limit ${limits.messageBytes}`);
    }
  }
}

function entry(messageId: string, errorCode: RefusalCode, errorMessage: string): ErrorEntry {
  return { messageId, errorCode, errorMessage };
}
