import type { Execution } from '../runtime/delivery/execution.ts';
import type { ExecutionFilter, Page } from '../runtime/delivery/history.ts';
import { Fault } from '../runtime/fault.ts';
import type { Actions } from '../runtime/host.ts';
import type { Admin } from './admin.ts';
import { asFault, type Ingress } from './ingress.ts';

interface Found {
  readonly queue: string;
  readonly order: string;
  readonly execution: Execution;
}

/** Executions of a cluster, found by a query over the entries of all queues. All methods reject with Fault. */
export class ClusterActions implements Actions {
  readonly #admin: Admin;
  readonly #ingress: Ingress;

  constructor(admin: Admin, ingress: Ingress) {
    this.#admin = admin;
    this.#ingress = ingress;
  }

  async list(filter: ExecutionFilter, { maxResults, after }: Page) {
    const found = (await this.#find(filter)).filter(({ order }) => after === undefined || order < after);
    const page = found.slice(0, maxResults);
    const actions = page.map(({ execution }) => execution);
    const last = page.at(-1);
    return last === undefined || page.length === found.length ? { actions } : { actions, next: last.order };
  }

  async get(actionExecutionId: string): Promise<Execution> {
    return (await this.#one(actionExecutionId)).execution;
  }

  async redrive(actionExecutionId: string): Promise<Execution> {
    const { queue, order, execution } = await this.#one(actionExecutionId);
    const name = `Action execution ${actionExecutionId}`;
    if (execution.status !== 'FAILED')
      throw new Fault(
        'InvalidRequestException',
        `${name} is ${execution.status}; only a FAILED one is sent again`,
      );
    if (execution.request === undefined)
      throw new Fault('InvalidRequestException', `${name} has no request: ${execution.lastError ?? ''}`);
    return (await this.#call<Execution | null>(queue, 'redrive', order)) ?? execution;
  }

  async redriveAll(filter: ExecutionFilter) {
    let redriven = 0;
    let skipped = 0;
    for (const { queue, order, execution } of await this.#find({ ...filter, status: 'FAILED' })) {
      if (execution.request === undefined) skipped++;
      else {
        await this.#call(queue, 'redrive', order);
        redriven++;
      }
    }
    return { redriven, skipped };
  }

  async discard(actionExecutionId: string): Promise<Execution> {
    const { queue, order, execution } = await this.#one(actionExecutionId);
    return (await this.#call<Execution | null>(queue, 'discard', order)) ?? execution;
  }

  async discardAll(filter: ExecutionFilter & { readonly status: 'FAILED' | 'PENDING' }) {
    let discarded = 0;
    for (const { queue, order } of await this.#find(filter)) {
      await this.#call(queue, 'discard', order);
      discarded++;
    }
    return { discarded, skipped: 0 };
  }

  async #one(actionExecutionId: string): Promise<Found> {
    const found = (await this.#find({})).find(
      ({ execution }) => execution.actionExecutionId === actionExecutionId,
    );
    if (found !== undefined) return found;
    throw new Fault('ResourceNotFoundException', `Action execution ${actionExecutionId} not found`);
  }

  /** Newest first. */
  async #find(filter: ExecutionFilter): Promise<Found[]> {
    const rows = await asFault(() =>
      this.#admin.query<{ service_key: string; key: string; value_utf8: string }>(
        `SELECT service_key, key, value_utf8 FROM state WHERE service_name = '${this.#ingress.names.outbox}' AND key LIKE 'e/%'`,
      ),
    );
    return rows
      .map(({ service_key: queue, key, value_utf8 }) => ({
        queue,
        order: key.slice(2),
        execution: JSON.parse(value_utf8) as Execution,
      }))
      .filter(({ execution }) => fits(execution, filter))
      .sort((a, b) => (a.order < b.order ? 1 : -1));
  }

  #call<T>(queue: string, handler: 'redrive' | 'discard', order: string): Promise<T> {
    return asFault(() => this.#ingress.outbox<T>(queue, handler, order));
  }
}

function fits(execution: Execution, filter: ExecutionFilter): boolean {
  const wanted = Object.entries(filter) as [keyof ExecutionFilter, string | undefined][];
  return wanted.every(([name, value]) => value === undefined || execution[name] === value);
}
