/*
 * The Host: whoever runs the slots. Everything above it (api, ingest, server, console) sees this interface and nothing
 * else; what goes in is plain data, so that it can travel to another machine. `runtime/embedded/` runs all slots in one
 * process; `test/support/host-suite.ts` is what every host must do.
 *
 *   put(messages)               evaluates; resolves when the outcome is durable, an outcome for each message
 *   command(commands)           SetDetectorState, DeleteDetector, OperateAlarm on instances; an outcome for each
 *   describe(instance)          one detector or alarm as plain data (core/engine/views.ts)
 *   list(query)                 the instances of a model, by page, optionally of one state
 *   define(name, request)       createInput … deleteAlarmModel, tag, untag, putLoggingOptions (catalog/definitions.ts)
 *   catalog()                   what is defined, as an immutable value; reads inputs, models, versions, routes
 *   actions                     list, get, redrive, discard executions of actions
 *   history(query)              the messages accepted so far, as NDJSON lines, when the server keeps them
 *   observe(observer)           durable evaluations and finished executions; returns a function that unsubscribes
 *   figures(), now()            gauges and the host's time, at once
 *
 * An Outcome is undefined, or a Refusal {code, message}: that message or command changed nothing. A promise rejects with
 * Fault (the same two members) when the whole call is refused or nothing of it became durable.
 */
import type { InstanceCommand } from '../core/engine/commands.ts';
import type { KindName } from '../core/engine/kind.ts';
import type { Outcome } from '../core/engine/refusal.ts';
import type { Evaluated } from '../core/engine/running.ts';
import type { Traces } from '../core/engine/slot.ts';
import type { InstanceView } from '../core/engine/views.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { DefinitionName, DefinitionRequest, DefinitionResult } from './catalog/definitions.ts';
import type { Execution } from './delivery/execution.ts';
import type { ExecutionFilter, Page } from './delivery/history.ts';
import type { HistoryQuery } from './message-history.ts';
import type { IncomingMessage } from './messages.ts';

export interface Host {
  /** Evaluates messages in their order. Rejects with Fault when none of them became durable. */
  put(messages: readonly IncomingMessage[]): Promise<readonly Outcome[]>;
  /** Does commands to instances in their order, all in one turn. */
  command(commands: readonly InstanceCommand[]): Promise<readonly Outcome[]>;
  /** Rejects with ResourceNotFoundException when there is no such model or instance. */
  describe(instance: InstanceName): Promise<InstanceView>;
  /** Rejects with ResourceNotFoundException when there is no such model. */
  list(query: InstanceQuery): Promise<InstancePage>;
  /** Makes, changes or deletes a definition. Resolves when that is durable. */
  define<N extends DefinitionName>(name: N, request: DefinitionRequest<N>): Promise<DefinitionResult<N>>;
  /** What is defined, and durable. */
  catalog(): Promise<Catalog>;
  /** A durable row of the catalog, by its key: definitions of former versions are not in memory. */
  row(key: string): Promise<string | undefined>;
  readonly actions: Actions;
  /** The lines of accepted messages, oldest first; undefined when none are kept. */
  history(query: HistoryQuery): AsyncIterable<string> | undefined;
  observe(observer: Observer): () => void;
  figures(): HostFigures;
  /** The host's time, by which everything waits and expires: milliseconds, never less than it was. */
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
  /** Only those in this state. */
  readonly stateName?: string;
  readonly maxResults: number;
  /** `next` of the page before. Rejects with InvalidRequestException for any other text. */
  readonly after?: string;
}

export interface InstancePage {
  readonly items: readonly InstanceView[];
  /** Where the next page begins; absent when this one is the last. Survives what comes and goes in between. */
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
  /** Puts a failed execution back into the queue of its target, behind what waits there. */
  redrive(actionExecutionId: string): Promise<Execution>;
  redriveAll(filter: ExecutionFilter): Promise<{ readonly redriven: number; readonly skipped: number }>;
  /** Gives an execution up for good: it leaves the list and is not sent. */
  discard(actionExecutionId: string): Promise<Execution>;
  discardAll(
    filter: ExecutionFilter & { readonly status: 'FAILED' | 'PENDING' },
  ): Promise<{ readonly discarded: number; readonly skipped: number }>;
}

/** Whoever watches. What it throws is logged and changes nothing. */
export interface Observer {
  /**
   * Called after each durable evaluation, in their order; `wall` in milliseconds since the epoch as the machine's clock
   * showed them, `now` by the host's time.
   */
  observe?(evaluated: Evaluated, wall: number, now: number): void;
  /** Called with executions that have come to their end. */
  finished?(executions: readonly Execution[]): void;
  /** Whether the evaluations of an instance keep a trace, which costs time; all do where this is absent. */
  readonly traces?: Traces;
  /** Whether it looks at `before` and `after`, which costs a copy each time; it does where this is absent. */
  keepsStates?(): boolean;
}

export interface HostFigures {
  /** Messages that wait for their evaluation. */
  readonly queued: number;
  /** For how long the timer that is due for the longest has waited to be fired; milliseconds, 0 when none is. */
  readonly lateness?: number;
  readonly detectors: number;
  readonly alarms: number;
  /** Executions that failed and are still listed. */
  readonly failedActions: number;
  /** Executions that wait for their delivery, by target. */
  readonly pendingActions: ReadonlyMap<string, number>;
  /** Targets that something is being delivered to. */
  readonly targets: readonly TargetFigures[];
}

export interface TargetFigures {
  readonly target: string;
  readonly inFlight: number;
  /** Whether deliveries to it fail in a row. */
  readonly isDown: boolean;
  /** Since when the oldest delivery waits; milliseconds since the epoch. */
  readonly oldestSince?: number;
}
