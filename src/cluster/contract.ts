import type { InstanceCommand } from '../core/engine/commands.ts';
import type { KindName } from '../core/engine/kind.ts';
import type { Refusal } from '../core/engine/refusal.ts';
import type { KeptInstances } from '../core/engine/turn.ts';
import type { InstanceView } from '../core/engine/views.ts';
import type { Execution } from '../runtime/delivery/execution.ts';
import type { InstancePage, InstanceQuery } from '../runtime/host.ts';
import type { Change, Row } from '../store/store.ts';

/*
 * What the processes of a cluster say to each other through Restate: the names of its virtual objects, and what their
 * handlers take and return. All of it is JSON. `tripline` is the name of the cluster: several may share one Restate.
 *
 *   tripline-slot/<number>     the instances of a slot: apply, tick, restore (exclusive), describe, list, wouldKeep (shared)
 *   tripline-catalog/main      what is defined, by version: define, restore (exclusive), read (shared)
 *   tripline-places/<epoch>    how many instances of a model the slots may hold: take, give (exclusive)
 *   tripline-outbox/<queue>    executions in their order: enqueue, attempt, redrive, discard, restore (exclusive)
 *   tripline-workers/main      the addresses of the workers: announce (exclusive), list (shared)
 *   tripline-rows/<name>       what fronts keep together, by version: commit (exclusive), read (shared)
 */
export interface ObjectNames {
  readonly slot: string;
  readonly catalog: string;
  readonly places: string;
  readonly outbox: string;
  readonly workers: string;
  readonly rows: string;
}

/** The key of an object that there is one of. */
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

/** A `SlotCommand` as it travels: the payload of a message as its text. */
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
      /** Messages that this one may cause through iotEvents actions. */
      readonly chain: number;
    }
  | { readonly type: 'Command'; readonly epoch: number; readonly command: InstanceCommand };

export interface ApplyRequest {
  /** The version of the catalog that the commands were made by. */
  readonly catalogVersion: number;
  readonly commands: readonly WireCommand[];
  /** The time, by the clock of whoever sends it; milliseconds since the epoch. */
  readonly now: number;
  /** An epoch that took over the instances of the one before: the answer says which were kept. */
  readonly keptBy?: number;
}

/** What became of a command: done, refused, or made by a catalog in which its model was another one. */
export type WireOutcome = Refusal | 'Done' | 'Stale';

export interface ApplyAnswer {
  /** The version that the slot has seen: what is `Stale` is to be made anew by this one. */
  readonly catalogVersion: number;
  readonly outcomes: readonly WireOutcome[];
  /** What the slot kept of its instances; with `keptBy`. */
  readonly kept?: KeptInstances;
}

/** Asks which instances a version of a model would keep that is not made yet, but tried. */
export interface KeepRequest {
  /** Below zero; see `ReadRequest`. */
  readonly candidate: number;
  readonly from: number;
  readonly to: number;
}

export type KeepAnswer = KeptInstances | Refusal;

/** Instances that another host has held, with their rows. */
export interface RestoreRequest {
  readonly catalogVersion: number;
  /** The number of the last evaluation there: none of this slot may have it again. */
  readonly sequence: number;
  readonly instances: readonly (readonly [key: string, row: string])[];
}

export interface TakeRequest {
  readonly wanted: number;
  /** Places of all slots together at most; absent for instances that there are already. */
  readonly limit?: number;
}

export interface TickRequest {
  /** The deadline that it was set for, milliseconds since the epoch: another tick that was set since makes it void. */
  readonly at: number;
}

export interface InstanceRequest {
  readonly kind: KindName;
  readonly epoch: number;
  readonly keyValue?: string;
}

/** Absent when there is none, or why it cannot be read. */
export type InstanceAnswer = { readonly view?: InstanceView } | { readonly refusal: Refusal };

export interface ListRequest {
  readonly epoch: number;
  readonly query: Pick<InstanceQuery, 'stateName' | 'maxResults'>;
  /** Instances created by this evaluation of the slot or before are left out. */
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
  /** The version wanted; below zero one that is only tried; the newest when absent. */
  readonly version?: number;
  /** The version that is known already: its rows are left out. */
  readonly known?: number;
}

export interface ReadAnswer {
  readonly version: number;
  /** Absent for the version that is known, and for one that is too old to be kept. */
  readonly rows?: readonly Row[];
}

export interface CommitRowsRequest {
  /** The version that the changes are made for. */
  readonly known: number;
  readonly changes: readonly Change[];
}

/** The version that was made; or the one that there is, which the changes were not made for. */
export type CommitRowsAnswer =
  | { readonly version: number }
  | { readonly stale: number }
  | { readonly refusal: Refusal };

/** An execution with its place in the order of all. */
export interface Placed {
  readonly order: string;
  readonly execution: Execution;
}
