import type { ActionEffect } from '../detector/effect.ts';
import type { Value } from '../expression/value.ts';

/**
 * The services that actions reach. `iot-data` may be a broker, `iotevents-data` is this server itself, `smtp` a mail
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
 * One call of a service: the operation and its input by the names of the service's API. The input is JSON as it
 * is stored and listed: text bodies as they are, binary members as base64.
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
      /** What the log should know although the request is sent. */
      readonly warnings: readonly string[];
    }
  /** The action cannot be sent; the message is for the log and the list of executions. */
  | { readonly ok: false; readonly message: string };

/** A request, or why there is none, under the id of its execution. */
export interface BuiltRequest {
  readonly actionExecutionId: string;
  readonly result: BuildResult;
}

/** Turns the effect of one type of action into the request that carries it out. */
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

/** A parameter that must be a text and not empty; undefined when it is not. */
export function textOf(value: Value | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a text is a decimal number as the services take it: no spaces, no hexadecimal, no `Infinity`. */
export function isNumberText(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
}
