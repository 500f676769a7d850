import type { InstanceCommand } from '../core/engine/commands.ts';
import type { KindName } from '../core/engine/kind.ts';
import type { Refusal } from '../core/engine/refusal.ts';
import type { KeptInstances } from '../core/engine/turn.ts';
import type { InstanceView } from '../core/engine/views.ts';
import type { Execution } from '../runtime/delivery/execution.ts';
import type { InstancePage, InstanceQuery } from '../runtime/host.ts';
import type { Change, Row } from '../store/store.ts';

/*
 * The interface between the processes of a cluster through Restate: the names of its virtual objects, and the arguments
 * and results of their handlers, all JSON. `tripline` is the name of the cluster: several may share one Restate.
 *
 *   tripline-slot/<number>     the instances of a slot: apply, tick, restore (exclusive), describe, list, wouldKeep (shared)
 *   tripline-catalog/main      the definitions, by version: define, restore (exclusive), read (shared)
 *   tripline-places/<epoch>    how many instances of a model the slots may hold: take, give (exclusive)
 *   tripline-outbox/<queue>    executions in order: enqueue, attempt, redrive, discard, restore (exclusive)
 *   tripline-workers/main      the addresses of the workers: announce (exclusive), list (shared)
 *   tripline-rows/<name>       rows shared by fronts, by version: commit (exclusive), read (shared)
 */
export interface ObjectNames {
  readonly slot: string;
  readonly catalog: string;
  readonly places: string;
  readonly outbox: string;
  readonly workers: string;
  readonly rows: string;
}

/** The key of singleton objects. */
export const MAIN = 'main';

/** The names of the objects of a cluster. */
export function objectNames(cluster: string): ObjectNames {
  return {
    slot: `${cluster}-slot`,
    catalog: `${cluster}-catalog`,
    places: `${cluster}-places`,
    outbox: `${cluster}-outbox`,
    workers: `${cluster}-workers`,
    rows: `${cluster}-rows`,
  };
}

/** Slots of a cluster; fixed when its first definition is made. */
export const SLOTS = 256;

/** A `SlotCommand` as JSON: the payload of a message as text. */
export type WireCommand =
  | {
      readonly type: 'Message';
      /** Of the model. */
      readonly kind: KindName;
      readonly epoch: number;
      readonly keyValue?: string;
      readonly inputName: string;
      readonly messageId: string;
      readonly text: string;
      /** Messages that this one may still cause through iotEvents actions. */
      readonly chain: number;
    }
  | { readonly type: 'Command'; readonly epoch: number; readonly command: InstanceCommand };

export interface ApplyRequest {
  /** The version of the catalog that the commands were made with. */
  readonly catalogVersion: number;
  readonly commands: readonly WireCommand[];
  /** The sender's time; milliseconds since the epoch. */
  readonly now: number;
  /** An epoch that took over the instances of the previous one: the answer lists those that were kept. */
  readonly keptBy?: number;
}

/** The result of a command: done, refused, or stale because it was made with a catalog in which its model differs. */
export type WireOutcome = Refusal | 'Done' | 'Stale';

export interface ApplyAnswer {
  /** The version that the slot has seen; `Stale` commands must be made again with it. */
  readonly catalogVersion: number;
  readonly outcomes: readonly WireOutcome[];
  /** The instances that the slot kept; present with `keptBy`. */
  readonly kept?: KeptInstances;
}

/** Asks which instances would be kept by a tried version of a model. */
export interface KeepRequest {
  /** Negative; see `ReadRequest`. */
  readonly candidate: number;
  readonly from: number;
  readonly to: number;
}

export type KeepAnswer = KeptInstances | Refusal;

/** Instances from another host, with their rows. */
export interface RestoreRequest {
  readonly catalogVersion: number;
  /** The number of that host's last evaluation; this slot must not reuse it. */
  readonly sequence: number;
  readonly instances: readonly (readonly [key: string, row: string])[];
}

export interface TakeRequest {
  readonly wanted: number;
  /** Maximum places of all slots together; absent for existing instances. */
  readonly limit?: number;
}

export interface TickRequest {
  /** The deadline that the tick was set for, milliseconds since the epoch; a tick set later makes it void. */
  readonly at: number;
}

export interface InstanceRequest {
  readonly kind: KindName;
  readonly epoch: number;
  readonly keyValue?: string;
}

/** Without a view when the instance does not exist; with a refusal when it cannot be read. */
export type InstanceAnswer = { readonly view?: InstanceView } | { readonly refusal: Refusal };

export interface ListRequest {
  readonly epoch: number;
  readonly query: Pick<InstanceQuery, 'stateName' | 'maxResults'>;
  /** Excludes instances created by this evaluation of the slot or earlier ones. */
  readonly after: number;
}

export type ListAnswer = InstancePage | { readonly refusal: Refusal };

export interface DefineRequest {
  readonly name: string;
  readonly request: unknown;
}

export type DefineAnswer =
  | { readonly version: number; readonly result: unknown }
  | {
      readonly refusal: Refusal;
      readonly resource?: { readonly kind: 'input' | 'detectorModel' | 'alarmModel'; readonly name: string };
    };

export interface ReadRequest {
  /** The requested version: negative for a tried one, the newest when absent. */
  readonly version?: number;
  /** The version that the caller already has: its rows are left out. */
  readonly known?: number;
}

export interface ReadAnswer {
  readonly version: number;
  /** Absent for the known version, and for one that is no longer stored. */
  readonly rows?: readonly Row[];
}

export interface CommitRowsRequest {
  /** The version that the changes are based on. */
  readonly known: number;
  readonly changes: readonly Change[];
}

/** The new version; or the current one, when the changes were based on another version. */
export type CommitRowsAnswer =
  | { readonly version: number }
  | { readonly stale: number }
  | { readonly refusal: Refusal };

/** An execution with its order among all executions. */
export interface Placed {
  readonly order: string;
  readonly execution: Execution;
}
