import type { KindName } from './kind.ts';

interface OfModel {
  readonly kind: KindName;
  readonly epoch: number;
}

/** The key under which a host keeps an instance: `detector/0000000001/keyValue`. The same for ever. */
export function instanceKey(model: OfModel, keyValue: string | undefined): string {
  return `${instancesOf(model)}${keyValue ?? ''}`;
}

/** What the keys of all instances of a model begin with. */
export function instancesOf({ kind, epoch }: OfModel): string {
  return `${kind}/${String(epoch).padStart(10, '0')}/`;
}
