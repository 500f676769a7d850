import { StoreError } from './store.ts';

/** An error as it is sent from a thread to another: errors lose their class and code on the way. */
export interface ThreadFailure {
  readonly message: string;
  readonly code?: StoreError['code'];
}

/** A thread could not be started, or has ended before its work was done: too little memory, or too many threads. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';
}

export function failureOf(error: unknown): ThreadFailure {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof StoreError ? { message, code: error.code } : { message };
}

export function errorOf({ message, code }: ThreadFailure): Error {
  return code === undefined ? new Error(message) : new StoreError(code, message);
}
