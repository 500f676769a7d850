import type { RunningModel } from '../../core/engine/running.ts';
import type { KeptInstances } from '../../core/engine/turn.ts';
import type { Limits } from '../../limits.ts';
import type { Change } from '../../store/store.ts';
import type { Catalog } from './catalog.ts';
import type { CheckedDefinition } from './check-detector-model.ts';

/** What a definition needs from the host. */
export interface DefinitionContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly limits: Limits;
  /** What checking the definition of a detector model has given, if that was done before. */
  readonly checked?: CheckedDefinition | undefined;
}

/** A definition that has been made but is not durable yet. */
export interface Defined<R> {
  /** The catalog with the definition in it. */
  readonly catalog: Catalog;
  /** The rows that make it durable. */
  readonly rows: readonly Change[];
  /** What happens to the existing instances; absent when nothing does. */
  readonly instances?: InstanceChange;
  /** Returned to the caller. */
  readonly result: R;
  /** Adds to the result which instances were kept; for `Keep` and `Preview`. */
  readonly withKept?: (kept: KeptInstances) => R;
}

/**
 * What a definition does to the model's instances: delete all (`Drop`), let the new version take them over unchanged,
 * keep those that fit a version with its own epoch (`Keep`), or only report which would be kept (`Preview`).
 */
export type InstanceChange =
  | { readonly type: 'Drop'; readonly model: RunningModel }
  | { readonly type: 'Adopt'; readonly model: RunningModel }
  | { readonly type: 'Keep' | 'Preview'; readonly from: RunningModel; readonly to: RunningModel };
