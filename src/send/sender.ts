import type { ServiceRequest } from '../core/action/request.ts';

/** What carries requests to one service. */
export interface Sender {
  /** Resolves when the target has taken the request; `classifyError` tells what it rejects with. `signal` aborts when its time is over. */
  send(request: ServiceRequest, signal: AbortSignal): Promise<void>;
  /** Does what the first request would have to wait for: finds the credentials, loading the code for it. */
  warm?(): Promise<void>;
  close(): void | Promise<void>;
}
