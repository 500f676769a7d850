import { instanceKey } from './instance-key.ts';
import { nameOf, type RunningModel } from './running.ts';

/** Why something is not done: an exception of the API by its name (reference: api 1.1), and its message. Plain data. */
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

/** What became of a message or a command: nothing to object to, or why it was refused and changed nothing. */
export type Outcome = Refusal | undefined;

/** An instance that cannot be read stays as it is, for a person to look at. */
export function unreadableRow(model: RunningModel, keyValue: string | undefined, why: string): Refusal {
  const message = `${instanceKey(model, keyValue)} of ${nameOf(model)} cannot be read: ${why}`;
  return { code: 'InternalFailureException', message };
}
