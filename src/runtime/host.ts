/*
 * The Host runs the slots. Everything above it (api, ingest, server, console) sees only this interface; its arguments are
 * plain data, so that they can travel to another machine. `runtime/embedded/` runs all slots in one process;
 * `test/support/host-suite.ts` is the suite that every host must pass.
 *
 *   put(messages)               evaluates; resolves when the outcomes are durable, one outcome for each message
 *   command(commands)           SetDetectorState, DeleteDetector, OperateAlarm on instances; one outcome for each
 *   describe(instance)          one detector or alarm as plain data (core/engine/views.ts)
 *   list(query)                 summaries of the instances of a model, by page, optionally of one state
 *   define(name, request)       createInput … deleteAlarmModel, tag, untag, putLoggingOptions (catalog/definitions.ts)
 *   catalog()                   the definitions, as an immutable value; reads inputs, models, versions, routes
 *   actions                     list, get, redrive, discard executions of actions
 *   history(query)              the messages accepted so far, as NDJSON lines, when the server keeps them
 *   observe(observer)           durable evaluations and finished executions; returns a function that unsubscribes
 *   figures(), now()            gauges and the host's time; synchronous
 *
 * An Outcome is undefined, or a Refusal {code, message}: that message or command changed nothing. A promise rejects with
 * Fault (the same two members) when the whole call is refused or none of it became durable.
 */
import type { InstanceCommand } from '../core/engine/commands.ts';
import type { KindName } from '../core/engine/kind.ts';
import type { Outcome } from '../core/engine/refusal.ts';
import type { Evaluated } from '../core/engine/running.ts';
import type { Traces } from '../core/engine/slot.ts';
import type { InstanceSummary, InstanceView } from '../core/engine/views.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { DefinitionName, DefinitionRequest, DefinitionResult } from './catalog/definitions.ts';
import type { Execution } from './delivery/execution.ts';
import type { ExecutionFilter, Page } from './delivery/history.ts';
import type { HistoryQuery } from './message-history.ts';
import type { IncomingMessage } from './messages.ts';

export interface Host {
  /** Evaluates messages in order. Rejects with Fault when none of them became durable. */
  put(messages: readonly IncomingMessage[]): Promise<readonly Outcome[]>;
  /** Executes commands on instances in order, all in one turn. */
  command(commands: readonly InstanceCommand[]): Promise<readonly Outcome[]>;
  /** Rejects with ResourceNotFoundException when there is no such model or instance. */
  describe(instance: InstanceName): Promise<InstanceView>;
  /** Rejects with ResourceNotFoundException when there is no such model. */
  list(query: InstanceQuery): Promise<InstancePage>;
  /** Creates, changes or deletes a definition. Resolves when that is durable. */
  define<N extends DefinitionName>(name: N, request: DefinitionRequest<N>): Promise<DefinitionResult<N>>;
  /** The durable definitions. */
  catalog(): Promise<Catalog>;
  /** A durable row of the catalog by its key, since definitions of former versions are not in memory. */
  row(key: string): Promise<string | undefined>;
  readonly actions: Actions;
  /** The accepted messages as lines, oldest first; undefined when none are kept. */
  history(query: HistoryQuery): AsyncIterable<string> | undefined;
  observe(observer: Observer): () => void;
  figures(): HostFigures;
  /** The host's time, used for all waits and expiries: milliseconds, never going back. */
  now(): number;
}

export interface InstanceName {
  readonly kind: KindName;
  readonly modelName: string;
  /** Absent for a model without a key. */
  readonly keyValue?: string;
}

export interface InstanceQuery {
  readonly kind: KindName;
  readonly modelName: string;
  /** Only instances in this state. */
  readonly stateName?: string;
  readonly maxResults: number;
  /** `next` of the previous page. Rejects with InvalidRequestException for any other text. */
  readonly after?: string;
}

export interface InstancePage {
  readonly items: readonly InstanceSummary[];
  /** Where the next page begins; absent on the last page. Stays valid when instances are created or deleted. */
  readonly next?: string;
}

/** Executions of actions, for the operator. All reject with Fault. */
export interface Actions {
  /** Newest first. */
  list(
    filter: ExecutionFilter,
    page: Page,
  ): Promise<{ readonly actions: Execution[]; readonly next?: string }>;
  get(actionExecutionId: string): Promise<Execution>;
  /** Moves a failed execution to the end of its target's queue. */
  redrive(actionExecutionId: string): Promise<Execution>;
  redriveAll(filter: ExecutionFilter): Promise<{ readonly redriven: number; readonly skipped: number }>;
  /** Discards an execution: it leaves the list and is not sent. */
  discard(actionExecutionId: string): Promise<Execution>;
  discardAll(
    filter: ExecutionFilter & { readonly status: 'FAILED' | 'PENDING' },
  ): Promise<{ readonly discarded: number; readonly skipped: number }>;
}

/** Callbacks for durable events. Errors they throw are logged and change nothing. */
export interface Observer {
  /**
   * Called after each durable evaluation, in order; `wall` is the machine's clock in milliseconds since the epoch,
   * `now` the host's time.
   */
  observe?(evaluated: Evaluated, wall: number, now: number): void;
  /** Called with executions that have finished. */
  finished?(executions: readonly Execution[]): void;
  /** Whether evaluations of an instance record a trace, which costs time; when absent, all do. */
  readonly traces?: Traces;
  /** Whether the observer reads `before` and `after`, which costs a copy each time; when absent, it does. */
  keepsStates?(): boolean;
}

export interface HostFigures {
  /** Messages that wait for evaluation. */
  readonly queued: number;
  /** Milliseconds by which the oldest due timer is late; 0 when none is due. */
  readonly lateness?: number;
  readonly detectors: number;
  readonly alarms: number;
  /** Executions that failed and are still listed. */
  readonly failedActions: number;
  /** Executions that wait for delivery, by target. */
  readonly pendingActions: ReadonlyMap<string, number>;
  /** Targets with deliveries waiting or in progress. */
  readonly targets: readonly TargetFigures[];
}

export interface TargetFigures {
  readonly target: string;
  readonly inFlight: number;
  /** Whether recent deliveries to it failed consecutively. */
  readonly isDown: boolean;
  /** When the oldest waiting delivery was created; milliseconds since the epoch. */
  readonly oldestSince?: number;
}
