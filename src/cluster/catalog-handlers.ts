import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { Row } from '../store/store.ts';
import { define, read, restore } from './catalog-object.ts';
import {
  type DefineAnswer,
  type DefineRequest,
  type ReadRequest,
  SLOTS,
  type TakeRequest,
} from './contract.ts';
import { entriesOf, LAZY, OBJECT, type ObjectParts, type SlotApi } from './object-parts.ts';
import { give, take } from './places.ts';

/** The catalog object: the definitions, in all retained versions. */
export function catalogObject({ sdk, names, limits, nowOf }: ObjectParts) {
  const { exclusive, shared } = sdk.handlers.object;
  return sdk.object({
    name: names.catalog,
    handlers: {
      define: exclusive(LAZY, async (ctx: ObjectContext, request: DefineRequest): Promise<DefineAnswer> => {
        const slot = (number: number) => ctx.objectClient<SlotApi>({ name: names.slot }, String(number));
        const numbers = Array.from({ length: SLOTS }, (_, number) => number);
        const now = await nowOf(ctx);
        return define(entriesOf(ctx), request, {
          now,
          limits,
          wouldKeep: (asked) =>
            sdk.RestatePromise.all(numbers.map((number) => slot(number).wouldKeep(asked))),
          async tell(catalogVersion, keptBy) {
            const told = { catalogVersion, now, commands: [], ...(keptBy !== undefined && { keptBy }) };
            const answers = await sdk.RestatePromise.all(numbers.map((number) => slot(number).apply(told)));
            return answers.flatMap(({ kept }) => (kept === undefined ? [] : [kept]));
          },
        });
      }),
      restore: exclusive(
        LAZY,
        async (ctx: ObjectContext, rows: readonly Row[]): Promise<number | null> =>
          (await restore(entriesOf(ctx), rows)) ?? null,
      ),
      read: shared(LAZY, (ctx: ObjectSharedContext, request: ReadRequest) => read(entriesOf(ctx), request)),
    },
    options: OBJECT,
  });
}

/** Limits the number of instances of a model. */
export function placesObject({ sdk, names }: ObjectParts) {
  const { exclusive } = sdk.handlers.object;
  return sdk.object({
    name: names.places,
    handlers: {
      take: exclusive(LAZY, (ctx: ObjectContext, request: TakeRequest) => take(entriesOf(ctx), request)),
      give: exclusive(LAZY, (ctx: ObjectContext, count: number) => give(entriesOf(ctx), count)),
    },
    options: OBJECT,
  });
}
