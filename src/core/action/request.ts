import type { ActionEffect } from '../detector/effect.ts';
import type { Value } from '../expression/value.ts';

/**
 * The services that actions call. `iot-data` may be a broker, `iotevents-data` is this server itself, `smtp` is a mail
 * server.
 */
export type ServiceName =
  | 'dynamodb'
  | 'firehose'
  | 'iot-data'
  | 'iotevents-data'
  | 'iotsitewise'
  | 'lambda'
  | 'smtp'
  | 'sns'
  | 'sqs';

/**
 * One call of a service: the operation and its input, named as in the service's API. The input is JSON, as it is stored
 * and listed: text bodies are unchanged, binary members are base64.
 */
export interface ServiceRequest {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export type BuildResult =
  | {
      readonly ok: true;
      readonly request: ServiceRequest;
      /** Warnings for the log; the request is sent nevertheless. */
      readonly warnings: readonly string[];
    }
  /** The request cannot be built; the message goes to the log and the list of executions. */
  | { readonly ok: false; readonly message: string };

/** A request, or why it could not be built, with the id of its execution. */
export interface BuiltRequest {
  readonly actionExecutionId: string;
  readonly result: BuildResult;
}

/** Builds the request for one type of action. */
export type Build = (effect: ActionEffect) => BuildResult;

export function built(
  service: ServiceName,
  operation: string,
  input: ServiceRequest['input'],
  warnings: readonly string[] = [],
): BuildResult {
  return { ok: true, request: { service, operation, input }, warnings };
}

export function refused(message: string): BuildResult {
  return { ok: false, message };
}

/** Returns the parameter if it is a non-empty text, else undefined. */
export function textOf(value: Value | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** True for a decimal number as the services accept it: no spaces, no hexadecimal, no `Infinity`. */
export function isNumberText(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
}
