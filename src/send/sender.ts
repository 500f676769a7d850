import type { ServiceRequest } from '../core/action/request.ts';

/** What carries requests to one service. */
export interface Sender {
  /** Resolves when the target has taken the request; `classifyError` tells what it rejects with. */
  send(request: ServiceRequest): Promise<void>;
  close(): void | Promise<void>;
}
