import { SendError } from '../../send/index.ts';
import type { Execution, Queued } from '../delivery/execution.ts';
import type { Outbox } from '../delivery/outbox.ts';
import { Fault } from '../fault.ts';
import { readPayload } from '../messages.ts';
import type { Host } from './host.ts';

/**
 * Delivers an iotEvents action to its input within this process. The message's evaluation and the end of the
 * delivery are one commit: after a crash either both have happened or neither.
 *
 * Resolves with the execution's durable standing; rejects with what may pass.
 */
export async function loopBack(host: Host, outbox: Outbox, queued: Queued): Promise<Execution> {
  const { execution } = queued;
  const [message] = (execution.request?.input.messages ?? []) as readonly Message[];
  if (message === undefined) throw new SendError('TERMINAL', 'The request has no message');
  const { messageId, inputName, payload: encoded } = message;
  const bytes = Buffer.from(encoded, 'base64');
  const limit = host.limits.messageBytes;
  if (bytes.length > limit)
    throw new SendError('TERMINAL', `Payload size of ${bytes.length} bytes exceeds the limit ${limit}`);
  const payload = readPayload(bytes);
  if (typeof payload === 'string') throw new SendError('TERMINAL', payload);
  const chain = (execution.chain ?? 0) - 1;
  const settled = await host
    .command((turn): Queued => {
      const fault = host.evaluate(turn, { messageId, inputName, payload }, chain);
      if (fault?.code === 'ThrottlingException') throw fault;
      const done = { ...queued, execution: outcome(execution, fault) };
      turn.define({ rows: outbox.rowsOf(done), undo: () => {} });
      return done;
    })
    .catch(passing);
  outbox.settled([settled]);
  return settled.execution;
}

interface Message {
  readonly messageId: string;
  readonly inputName: string;
  /** Base64. */
  readonly payload: string;
}

function outcome(execution: Execution, fault: Fault | undefined): Execution {
  const attempts = execution.attempts + 1;
  if (fault === undefined) return { ...execution, status: 'DELIVERED', attempts };
  return { ...execution, status: 'FAILED', attempts, lastError: `${fault.code}: ${fault.message}` };
}

/** What keeps a turn from being done passes: too much at once, a store that fails, a server that stops. */
function passing(error: unknown): never {
  if (error instanceof Fault)
    throw new SendError('RETRYABLE', `${error.code}: ${error.message}`, { cause: error });
  throw error;
}
