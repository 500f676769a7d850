import { Fault } from '../runtime/fault.ts';
import type { Row } from '../store/store.ts';
import {
  type ApplyAnswer,
  type ApplyRequest,
  type CommitRowsAnswer,
  type CommitRowsRequest,
  type DefineAnswer,
  type DefineRequest,
  MAIN,
  type ObjectNames,
  objectNames,
  type Placed,
  type ReadAnswer,
  type ReadRequest,
  type RestoreRequest,
  type TickRequest,
} from './contract.ts';
import { IngressError, NodeUrls } from './node-urls.ts';

/** Milliseconds for which a call is retried under its key while nodes do not answer. */
const REPEAT = 10_000;
/** An update makes a call to every slot. */
const REPEAT_DEFINE = 120_000;

/** Resolves like `call`; converts an IngressError into a Fault, as callers of a host expect. */
export async function asFault<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof IngressError)) throw error;
    throw new Fault('ServiceUnavailableException', `The cluster does not answer: ${error.message}`);
  }
}

/**
 * Calls the cluster's handlers through Restate's ingress. A call with an idempotency key may be repeated: it takes
 * effect once, and every repetition gets the same answer. Rejects with IngressError for a failure or a missing answer.
 */
export class Ingress {
  readonly #nodes: NodeUrls;
  readonly names: ObjectNames;

  /** `urls` of one or several nodes, as for `NodeUrls`; `cluster` is the name of the cluster. */
  constructor(urls: string, cluster: string) {
    this.#nodes = new NodeUrls(urls);
    this.names = objectNames(cluster);
  }

  /** Runs a turn of a slot, once for each key. */
  apply(number: number, request: ApplyRequest, key: string): Promise<ApplyAnswer> {
    return this.#call(`${this.names.slot}/${number}/apply`, request, REPEAT, key);
  }

  /** Fires a tick, as Restate does at its deadline; for tests with another clock. */
  tick(number: number, request: TickRequest): Promise<void> {
    return this.#call(`${this.names.slot}/${number}/tick`, request, 0);
  }

  readSlot<T>(number: number, handler: 'describe' | 'list' | 'seen', body: unknown): Promise<T> {
    return this.#call(`${this.names.slot}/${number}/${handler}`, body, REPEAT);
  }

  /** Makes a definition, once for each key. */
  define(request: DefineRequest, key: string): Promise<DefineAnswer> {
    return this.#call(`${this.names.catalog}/${MAIN}/define`, request, REPEAT_DEFINE, key);
  }

  readCatalog(request: ReadRequest): Promise<ReadAnswer> {
    return this.#call(`${this.names.catalog}/${MAIN}/read`, request, REPEAT);
  }

  /**
   * Restores the definitions of another host. Resolves with the version, or null when there are other definitions
   * already.
   */
  restoreCatalog(rows: readonly Row[]): Promise<number | null> {
    return this.#call(`${this.names.catalog}/${MAIN}/restore`, rows, REPEAT);
  }

  restoreSlot(number: number, request: RestoreRequest): Promise<void> {
    return this.#call(`${this.names.slot}/${number}/restore`, request, REPEAT);
  }

  restoreOutbox(queue: string, placed: readonly Placed[]): Promise<void> {
    return this.#call(`${this.names.outbox}/${encodeURIComponent(queue)}/restore`, placed, REPEAT);
  }

  /** Changes rows shared by fronts, once for each key. */
  commitRows(name: string, request: CommitRowsRequest, key: string): Promise<CommitRowsAnswer> {
    return this.#call(`${this.#rows(name)}/commit`, request, REPEAT, key);
  }

  readRows(name: string, request: Pick<ReadRequest, 'known'>): Promise<ReadAnswer> {
    return this.#call(`${this.#rows(name)}/read`, request, REPEAT);
  }

  #rows(name: string): string {
    return `${this.names.rows}/${encodeURIComponent(name)}`;
  }

  announce(url: string): Promise<void> {
    return this.#call(`${this.names.workers}/${MAIN}/announce`, url, REPEAT);
  }

  workers(): Promise<readonly string[]> {
    return this.#call(`${this.names.workers}/${MAIN}/list`, undefined, 0);
  }

  outbox<T>(queue: string, handler: 'redrive' | 'discard', order: string): Promise<T> {
    return this.#call(`${this.names.outbox}/${encodeURIComponent(queue)}/${handler}`, order, 0);
  }

  async #call<T>(path: string, body: unknown, repeatFor: number, key?: string): Promise<T> {
    const text = await this.#nodes.call({
      method: 'POST',
      path: `/${path}`,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      repeatFor,
    });
    // The handler returned nothing.
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
