import type { ServiceRequest } from '../core/action/request.ts';

/** Sends requests to one service. */
export interface Sender {
  /**
   * Resolves when the target has accepted the request; `classifyError` classifies rejections. `signal` aborts when the
   * time is over.
   */
  send(request: ServiceRequest, signal: AbortSignal): Promise<void>;
  /** Does the slow preparation of the first request: finds the credentials and loads the code for that. */
  warm?(): Promise<void>;
  close(): void | Promise<void>;
}
