import type { Outcome } from '../../core/engine/refusal.ts';
import { SendError } from '../../send/index.ts';
import type { Execution, Queued } from '../delivery/execution.ts';
import type { Outbox } from '../delivery/outbox.ts';
import { Fault } from '../fault.ts';
import { readPayload } from '../messages.ts';
import type { TurnPump } from './pump.ts';

/**
 * Delivers an iotEvents action to its input within this process. Evaluating the message and ending the delivery are one
 * commit: after a crash either both have happened or neither.
 *
 * Resolves with the execution's durable status; rejects with a transient error.
 */
export async function loopBack(pump: TurnPump, outbox: Outbox, queued: Queued): Promise<Execution> {
  const { execution } = queued;
  const [message] = (execution.request?.input.messages ?? []) as readonly Message[];
  if (message === undefined) throw new SendError('TERMINAL', 'The request has no message');
  const { messageId, inputName, payload: encoded } = message;
  const payload = readPayload(Buffer.from(encoded, 'base64'));
  if (typeof payload === 'string') throw new SendError('TERMINAL', payload);
  const chain = (execution.chain ?? 0) - 1;
  const settled = await pump
    .run((turn): Queued => {
      const message = { messageId, inputName, payload, source: 'iotEvents' } as const;
      const [refusal] = pump.evaluator.messages(turn, [message], chain);
      if (refusal?.code === 'ThrottlingException' || refusal?.code === 'InternalFailureException')
        throw new Fault(refusal.code, refusal.message);
      const done = { ...queued, execution: finish(execution, refusal) };
      turn.addRows(outbox.rowsOf(done));
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

function finish(execution: Execution, refusal: Outcome): Execution {
  const attempts = execution.attempts + 1;
  if (refusal === undefined) return { ...execution, status: 'DELIVERED', attempts };
  return { ...execution, status: 'FAILED', attempts, lastError: `${refusal.code}: ${refusal.message}` };
}

/** All reasons why a turn cannot run are transient: throttling, a failing store, a stopping server. */
function passing(error: unknown): never {
  if (error instanceof Fault)
    throw new SendError('RETRYABLE', `${error.code}: ${error.message}`, { cause: error });
  throw error;
}
