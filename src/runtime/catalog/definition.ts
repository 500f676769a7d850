import type { RunningModel } from '../../core/engine/running.ts';
import type { KeptInstances } from '../../core/engine/turn.ts';
import type { Limits } from '../../limits.ts';
import type { Change } from '../../store/store.ts';
import type { Catalog } from './catalog.ts';

/** What a definition is made with. */
export interface DefinitionContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly limits: Limits;
}

/** A definition that is made and not yet durable. */
export interface Defined<R> {
  /** What is defined from then on. */
  readonly catalog: Catalog;
  /** The rows that make it durable. */
  readonly rows: readonly Change[];
  /** What becomes of the instances there are; absent when nothing does. */
  readonly instances?: InstanceChange;
  /** For whoever asked for it. */
  readonly result: R;
  /** The result once it shows which instances were kept; for `Keep` and `Preview`. */
  readonly withKept?: (kept: KeptInstances) => R;
}

/**
 * All instances of a model go; or the model's new version takes them over as they are; or one with an epoch of its own
 * keeps those it can; or it is only asked which these would be.
 */
export type InstanceChange =
  | { readonly type: 'Drop'; readonly model: RunningModel }
  | { readonly type: 'Adopt'; readonly model: RunningModel }
  | { readonly type: 'Keep' | 'Preview'; readonly from: RunningModel; readonly to: RunningModel };
