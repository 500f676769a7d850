import { instanceKey } from './instance-key.ts';
import { nameOf, type RunningModel } from './running.ts';

/** Why a request is refused: the name of an API exception (reference: api 1.1) and its message. Plain data. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export type RefusalCode =
  | 'InvalidRequestException'
  | 'ResourceNotFoundException'
  | 'ResourceAlreadyExistsException'
  | 'ResourceInUseException'
  | 'LimitExceededException'
  | 'ThrottlingException'
  | 'InternalFailureException'
  | 'ServiceUnavailableException';

/** The result of a message or a command: undefined, or why it was refused and changed nothing. */
export type Outcome = Refusal | undefined;

/** The refusal for an instance whose row cannot be read. The row is left as it is, for inspection. */
export function unreadableRow(model: RunningModel, keyValue: string | undefined, why: string): Refusal {
  const message = `${instanceKey(model, keyValue)} of ${nameOf(model)} cannot be read: ${why}`;
  return { code: 'InternalFailureException', message };
}
