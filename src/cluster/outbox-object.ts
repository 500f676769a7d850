import type { ObjectContext } from '@restatedev/restate-sdk';
import type { Execution } from '../runtime/delivery/execution.ts';
import { readPayload } from '../runtime/messages.ts';
import { classifyError } from '../send/index.ts';
import type { Placed } from './contract.ts';
import { callLater, entriesOf, LAZY, OBJECT, type ObjectParts, type SlotApi } from './object-parts.ts';
import { type Attempt, discard, enqueue, first, redrive, restore, settle } from './outbox-entries.ts';
import { outcomeOfMessage, routeMessage } from './routing.ts';

/** Maximum executions delivered by one invocation of `attempt`. */
const ATTEMPTS = 50;
/** Milliseconds. */
const FIRST_BACKOFF = 200;
const LONGEST_BACKOFF = 60_000;

/** A queue of executions, delivered one after the other. */
export function outboxObject({ sdk, names, limits, senders, catalogs, evaluations, nowOf }: ObjectParts) {
  const attemptLater = (ctx: ObjectContext, delay: number) =>
    callLater(ctx, names.outbox, 'attempt', null, delay);

  const send = async (ctx: ObjectContext, { execution }: Placed): Promise<Attempt> => {
    if (execution.type === 'iotEvents') return sendInside(ctx, execution);
    const { request, roleArn } = execution;
    // An execution recorded by a worker that sends nothing waits for one that does.
    if (senders === undefined || request === undefined)
      return { type: 'Failed', error: 'This worker sends nothing (--actions record)' };
    return ctx.run(execution.actionExecutionId, async (): Promise<Attempt> => {
      try {
        await senders.send(request, roleArn);
        return { type: 'Delivered' };
      } catch (error) {
        const type = classifyError(error) === 'TERMINAL' ? 'Refused' : 'Failed';
        return { type, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
      }
    });
  };

  /** A message to an input of this cluster: delivered exactly once, since Restate itself carries it. */
  const sendInside = async (ctx: ObjectContext, { request, chain = 0 }: Execution): Promise<Attempt> => {
    const [message] = (request?.input.messages ?? []) as readonly {
      readonly messageId: string;
      readonly inputName: string;
      readonly payload: string;
    }[];
    if (message === undefined) return { type: 'Refused', error: 'The request has no message' };
    const version = await ctx.run('catalog', async () => (await catalogs.newest()).version);
    const known = await catalogs.at(version);
    const now = await nowOf(ctx);
    const { messageId, inputName } = message;
    const payload = readPayload(Buffer.from(message.payload, 'base64'));
    if (typeof payload === 'string') return { type: 'Refused', error: `InvalidRequestException: ${payload}` };
    const routed = routeMessage(known.catalog, { messageId, inputName, payload }, chain - 1, limits);
    if (routed.type === 'Refuse')
      return { type: 'Refused', error: `${routed.refusal.code}: ${routed.refusal.message}` };
    const answers = await sdk.RestatePromise.all(
      routed.commands.map(({ slot: number, command }) =>
        ctx
          .objectClient<SlotApi>({ name: names.slot }, String(number))
          .apply({ catalogVersion: version, now, commands: [command] }),
      ),
    );
    const outcome = outcomeOfMessage(
      routed.faults,
      answers.flatMap(({ outcomes }) => outcomes),
    );
    if (outcome === undefined) return { type: 'Delivered' };
    if (outcome === 'Stale') return { type: 'Failed', error: 'The model has changed meanwhile' };
    return { type: 'Refused', error: `${outcome.code}: ${outcome.message}` };
  };

  const { exclusive } = sdk.handlers.object;
  return sdk.object({
    name: names.outbox,
    handlers: {
      enqueue: exclusive(LAZY, async (ctx: ObjectContext, placed: readonly Placed[]) => {
        if (await enqueue(entriesOf(ctx), placed)) attemptLater(ctx, 0);
      }),
      restore: exclusive(LAZY, async (ctx: ObjectContext, placed: readonly Placed[]) => {
        if (await restore(entriesOf(ctx), placed)) attemptLater(ctx, 0);
      }),
      attempt: exclusive(LAZY, async (ctx: ObjectContext) => {
        const state = entriesOf(ctx);
        for (let count = 0; count < ATTEMPTS; count++) {
          const next = await first(state);
          if (next === undefined) return;
          const attempt = await send(ctx, next);
          const settled = await settle(state, next, attempt, await nowOf(ctx), limits);
          if (settled.status !== 'PENDING') evaluations.finished([settled]);
          else {
            const ceiling = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** settled.attempts);
            return attemptLater(ctx, ceiling * (0.5 + ctx.rand.random() / 2));
          }
        }
        attemptLater(ctx, 0);
      }),
      redrive: exclusive(LAZY, async (ctx: ObjectContext, order: string) => {
        const { execution, attempt } = await redrive(entriesOf(ctx), order);
        if (attempt) attemptLater(ctx, 0);
        return execution ?? null;
      }),
      discard: exclusive(
        LAZY,
        async (ctx: ObjectContext, order: string) => (await discard(entriesOf(ctx), order)) ?? null,
      ),
    },
    options: OBJECT,
  });
}
