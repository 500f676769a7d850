import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk';
import { beginExecutions } from '../runtime/delivery/begin.ts';
import type { Execution } from '../runtime/delivery/execution.ts';
import { executionOrder } from '../runtime/rows.ts';
import type {
  ApplyAnswer,
  ApplyRequest,
  InstanceAnswer,
  InstanceRequest,
  KeepAnswer,
  KeepRequest,
  ListAnswer,
  ListRequest,
  Placed,
  RestoreRequest,
  TakeRequest,
  TickRequest,
} from './contract.ts';
import type { KeyValues } from './key-values.ts';
import {
  callLater,
  EAGER,
  entriesOf,
  LAZY,
  OBJECT,
  type ObjectParts,
  type OutboxApi,
  type PlacesApi,
} from './object-parts.ts';
import { queueFor } from './outbox-entries.ts';
import { namesFor, prefetch } from './prefetch.ts';
import { readSeenTexts, SeenCache } from './seen.ts';
import { goBy, takeKept } from './slot-catalog.ts';
import { firstDue, readMeta, type SlotMeta } from './slot-entries.ts';
import { describe, list, wouldKeep } from './slot-reads.ts';
import { restoreInstances } from './slot-restore.ts';
import { type SlotTurn, takeTurn, writeMeta } from './slot-turn.ts';

/** A slot: its instances, their timers, and the effects of their actions. */
export function slotObject(parts: ObjectParts) {
  const { sdk, names, ingress, limits, log, begin, catalogs, evaluations, nowOf, clock } = parts;
  const seen = new SeenCache((slot, numbers) => ingress.readSlot(slot, 'seen', numbers));
  const placesOf = (ctx: ObjectContext, epoch: number) =>
    ctx.objectClient<PlacesApi>({ name: names.places }, String(epoch));

  /** Runs a turn; call `told` at the end of the handler. */
  const turnOf = async (
    ctx: ObjectContext,
    { now, catalogVersion: wanted, commands }: ApplyRequest,
  ): Promise<{ readonly turn: SlotTurn; readonly told: () => void }> => {
    const state = await prefetch(entriesOf(ctx), namesFor(commands));
    const before = await readMeta(state);
    // The journal records the requested version, since another attempt may get a newer one.
    const version = await catalogs.at(Math.max(before.catalogVersion, wanted));
    const context = {
      slot: Number(ctx.key),
      now,
      limits,
      models: version.models,
      closedSeen: (numbers: readonly number[]) => seen.closed(Number(ctx.key), numbers),
      traces: evaluations.traces,
      keepsStates: evaluations.keepsStates,
      take: (epoch: number, request: TakeRequest): Promise<number> => placesOf(ctx, epoch).take(request),
      give: (epoch: number, count: number): Promise<void> => placesOf(ctx, epoch).give(count),
    };
    const isNewer = version.version > before.catalogVersion;
    const meta = isNewer ? await goBy(state, before, version, context) : before;
    const turn = await takeTurn(state, meta, commands, context);
    for (const { key, message } of turn.unreadable)
      log.error({ key }, `an instance cannot be read: ${message}`);
    const recorded = finish(ctx, state, turn);
    const told = () => {
      evaluations.evaluated(context.slot, meta.sequence, turn.meta.now, turn.evaluated);
      evaluations.finished(recorded);
    };
    return { turn, told };
  };

  /**
   * Hands over the effects, sets the next tick and writes the meta. Returns the executions that have already finished.
   */
  const finish = (
    ctx: ObjectContext,
    state: KeyValues,
    { meta, effects, nextDue }: SlotTurn,
  ): readonly Execution[] => {
    let { actions } = meta;
    const queues = new Map<string, Placed[]>();
    for (const effect of effects) {
      for (const execution of beginExecutions(effect, begin)) {
        const order = `${executionOrder(meta.now, ++actions)}/${ctx.key}`;
        const queue = queueFor(execution);
        queues.set(queue, [...(queues.get(queue) ?? []), { order, execution }]);
      }
    }
    for (const [queue, placed] of queues)
      ctx.objectSendClient<OutboxApi>({ name: names.outbox }, queue).enqueue(placed);
    writeMeta(state, { ...setTick(ctx, meta, nextDue), actions });
    const all = [...queues.values()].flat().map(({ execution }) => execution);
    return all.filter(({ status }) => status !== 'PENDING');
  };

  const setTick = (ctx: ObjectContext, meta: SlotMeta, nextDue: number | undefined): SlotMeta => {
    const { tick, now } = meta;
    if (nextDue === undefined || (tick !== undefined && nextDue >= tick && tick > now)) return meta;
    const request: TickRequest = { at: nextDue };
    // The turn's time is when its messages were sent, but the delay counts from now.
    callLater(ctx, names.slot, 'tick', request, nextDue - clock());
    return { ...meta, tick: nextDue };
  };

  /** The models of the slot's version. */
  const modelsOf = async (ctx: ObjectSharedContext) => {
    const { catalogVersion } = await readMeta(entriesOf(ctx));
    return (await catalogs.at(catalogVersion)).models;
  };

  const { exclusive, shared } = sdk.handlers.object;
  return sdk.object({
    name: names.slot,
    handlers: {
      apply: exclusive(LAZY, async (ctx: ObjectContext, request: ApplyRequest): Promise<ApplyAnswer> => {
        const { turn, told } = await turnOf(ctx, request);
        const { keptBy } = request;
        const kept = keptBy === undefined ? undefined : await takeKept(entriesOf(ctx), keptBy);
        told();
        const { outcomes, meta } = turn;
        return { outcomes, catalogVersion: meta.catalogVersion, ...(kept !== undefined && { kept }) };
      }),
      tick: exclusive(LAZY, async (ctx: ObjectContext, { at }: TickRequest): Promise<void> => {
        const { tick, ...meta } = await readMeta(entriesOf(ctx));
        if (tick !== at) return;
        // The tick has fired, even if this worker's clock is behind the one that set it; another one is set then.
        writeMeta(entriesOf(ctx), meta);
        const now = await nowOf(ctx);
        const { told } = await turnOf(ctx, { catalogVersion: meta.catalogVersion, now, commands: [] });
        told();
      }),
      restore: exclusive(LAZY, async (ctx: ObjectContext, request: RestoreRequest): Promise<void> => {
        const state = entriesOf(ctx);
        const before = await readMeta(state);
        const version = await catalogs.at(Math.max(before.catalogVersion, request.catalogVersion));
        const context = {
          slot: Number(ctx.key),
          now: await nowOf(ctx),
          limits,
          take: (epoch: number, asked: TakeRequest): Promise<number> => placesOf(ctx, epoch).take(asked),
        };
        const meta = await goBy(state, before, version, context);
        const restored = await restoreInstances(state, meta, request, version.models, context);
        writeMeta(state, setTick(ctx, restored, firstDue(restored)));
      }),
      describe: shared(
        LAZY,
        async (ctx: ObjectSharedContext, request: InstanceRequest): Promise<InstanceAnswer> =>
          describe(entriesOf(ctx), Number(ctx.key), await modelsOf(ctx), request),
      ),
      list: shared(
        EAGER,
        async (ctx: ObjectSharedContext, request: ListRequest): Promise<ListAnswer> =>
          list(entriesOf(ctx), Number(ctx.key), await modelsOf(ctx), request),
      ),
      seen: shared(
        LAZY,
        async (ctx: ObjectSharedContext, numbers: readonly number[]): Promise<readonly string[]> =>
          readSeenTexts(entriesOf(ctx), numbers),
      ),
      wouldKeep: shared(
        EAGER,
        async (ctx: ObjectSharedContext, request: KeepRequest): Promise<KeepAnswer> =>
          wouldKeep(entriesOf(ctx), Number(ctx.key), await catalogs.at(request.candidate), request),
      ),
    },
    options: OBJECT,
  });
}
