import { type RowConstant, rowConstant } from '../../row-writer.ts';
import type { KindName } from './kind.ts';
import { slotHashOf } from './routing.ts';

interface OfModel {
  readonly kind: KindName;
  readonly epoch: number;
}

/** The key under which a host stores an instance: `detector/0000000001/keyValue`. The format never changes. */
export function instanceKey(model: OfModel, keyValue: string | undefined): string {
  return keyUnder(instancesOf(model), keyValue);
}

/** The common prefix of the keys of a model's instances. */
export function instancesOf({ kind, epoch }: OfModel): string {
  return `${kind}/${String(epoch).padStart(10, '0')}/`;
}

/** The key of an instance's row, given what `instancesOf` returns for its model. */
export function keyUnder(prefix: string, keyValue: string | undefined): string {
  return prefix + (keyValue ?? '');
}

/** What determines the keys and slots of a model's instances; see `RunningModel`. */
export function placedAt<K extends KindName>(
  kind: K,
  modelName: string,
  epoch: number,
): { readonly kind: K; readonly epoch: number; readonly keyPrefix: RowConstant; readonly slotHash: number } {
  return {
    kind,
    epoch,
    keyPrefix: rowConstant(instancesOf({ kind, epoch })),
    slotHash: slotHashOf(modelName),
  };
}
