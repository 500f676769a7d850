import { createServer, type ServerHttp2Session } from 'node:http2';
import type { LogMetadata, ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { NotificationSettings } from '../core/action/index.ts';
import { FNV_BASIS, fnv1a } from '../core/engine/hash.ts';
import type { Limits } from '../limits.ts';
import { beginExecutions } from '../runtime/delivery/begin.ts';
import type { Execution } from '../runtime/delivery/execution.ts';
import type { Log } from '../runtime/log.ts';
import { executionOrder } from '../runtime/rows.ts';
import { classifyError, type Senders } from '../send/index.ts';
import { define, read } from './catalog-object.ts';
import { Catalogs } from './catalogs.ts';
import {
  type ApplyAnswer,
  type ApplyRequest,
  CATALOG,
  type DefineAnswer,
  type DefineRequest,
  type InstanceAnswer,
  type InstanceRequest,
  type ListAnswer,
  type ListRequest,
  OUTBOX,
  type Placed,
  type ReadRequest,
  SLOT,
  SLOTS,
  type TickRequest,
  type WireCommand,
} from './contract.ts';
import { Ingress } from './ingress.ts';
import type { KeyValues } from './key-values.ts';
import { type Attempt, discard, enqueue, first, redrive, settle } from './outbox-entries.ts';
import { outcomeOfMessage, routeMessage } from './routing.ts';
import { loadSdk } from './sdk.ts';
import { readMeta } from './slot-entries.ts';
import { describe, list } from './slot-reads.ts';
import { dropGone, type SlotTurn, takeTurn, writeMeta } from './slot-turn.ts';

export interface WorkerOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly notifications: NotificationSettings;
  /** Absent: every action but iotEvents is recorded. */
  readonly senders: Senders | undefined;
  /** Restate's ingress, which the catalog is read through. */
  readonly ingressUrl: string;
}

export interface Worker {
  readonly port: number;
  close(): Promise<void>;
}

/** Queues that the executions for one target are spread over: order is kept for each instance. */
const QUEUES_PER_TARGET = 16;
/** Executions that one invocation of `attempt` delivers at most. */
const ATTEMPTS = 50;
/** Milliseconds. */
const FIRST_BACKOFF = 200;
const LONGEST_BACKOFF = 60_000;

/** Serves the virtual objects of the cluster over HTTP/2. Rejects with the socket's error. */
export async function startWorker(port: number, host: string, options: WorkerOptions): Promise<Worker> {
  const { createEndpointHandler } = await loadSdk();
  const services = await objects(options);
  // Each invocation is logged at info; what is worth a line here is what went wrong.
  const logger = ({ level, context }: LogMetadata, message: unknown, ...details: unknown[]) => {
    if (level !== 'warn' && level !== 'error') return;
    const { serviceName, handlerName, key } = context ?? {};
    const err = details.find((each) => each instanceof Error);
    const fields = { object: serviceName, handler: handlerName, key, ...(err !== undefined && { err }) };
    options.log.warn(fields, `an invocation failed and is repeated: ${String(message).trim()}`);
  };
  const server = createServer(createEndpointHandler({ services, bidirectional: true, logger }));
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      const cut = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, 2000);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function objects({ limits, log, notifications, senders, ingressUrl }: WorkerOptions) {
  const { handlers, object, RestatePromise } = await loadSdk();
  const ingress = new Ingress(ingressUrl);
  const catalogs = new Catalogs(limits, (request) => ingress.readCatalog(request));
  const begin = { limits, log, sends: senders !== undefined, notifications };

  const turnOf = async (ctx: ObjectContext, version: number, commands: readonly WireCommand[]) => {
    const before = await readMeta(keyValues(ctx));
    // What is journaled names the version that was wanted: another attempt may have to go by a newer one.
    const catalogVersion = Math.max(before.catalogVersion, version);
    const { models } = await catalogs.at(catalogVersion);
    const now = await ctx.date.now();
    const isNewer = catalogVersion > before.catalogVersion;
    const meta = isNewer ? await dropGone(keyValues(ctx), before, models) : before;
    const turn = await takeTurn(keyValues(ctx), meta, commands, {
      slot: Number(ctx.key),
      now,
      limits,
      models,
      catalogVersion,
    });
    for (const { key, message } of turn.unreadable)
      log.error({ key }, `an instance cannot be read: ${message}`);
    finish(ctx, turn);
    return turn;
  };

  /** Hands the effects over, sets the next tick and keeps the meta. */
  const finish = (ctx: ObjectContext, { meta, effects, nextDue }: SlotTurn) => {
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
      ctx.objectSendClient<Outbox>({ name: OUTBOX }, queue).enqueue(placed);
    let { tick } = meta;
    if (nextDue !== undefined && (tick === undefined || nextDue < tick || tick <= meta.now)) {
      tick = nextDue;
      ctx.genericSend({
        service: SLOT,
        method: 'tick',
        key: ctx.key,
        parameter: { at: nextDue } satisfies TickRequest,
        inputSerde: jsonSerde,
        delay: Math.max(0, nextDue - meta.now),
      });
    }
    writeMeta(keyValues(ctx), { ...meta, actions, ...(tick !== undefined && { tick }) });
  };

  /** The models that a slot goes by. */
  const modelsOf = async (ctx: ObjectSharedContext) => {
    const { catalogVersion } = await readMeta(keyValues(ctx));
    return (await catalogs.at(catalogVersion)).models;
  };

  const slot = object({
    name: SLOT,
    handlers: {
      apply: handlers.object.exclusive(
        LAZY,
        async (ctx: ObjectContext, { catalogVersion, commands }: ApplyRequest): Promise<ApplyAnswer> => {
          const { outcomes, meta } = await turnOf(ctx, catalogVersion, commands);
          return { outcomes, catalogVersion: meta.catalogVersion };
        },
      ),
      tick: handlers.object.exclusive(
        LAZY,
        async (ctx: ObjectContext, { at }: TickRequest): Promise<void> => {
          const { tick, catalogVersion } = await readMeta(keyValues(ctx));
          if (tick === at) await turnOf(ctx, catalogVersion, []);
        },
      ),
      describe: handlers.object.shared(
        LAZY,
        async (ctx: ObjectSharedContext, request: InstanceRequest): Promise<InstanceAnswer> =>
          describe(keyValues(ctx), Number(ctx.key), await modelsOf(ctx), request),
      ),
      // Needs all instances of the model: their entries come with the call, in place of one by one.
      list: handlers.object.shared(
        { enableLazyState: false },
        async (ctx: ObjectSharedContext, request: ListRequest): Promise<ListAnswer> =>
          list(keyValues(ctx), Number(ctx.key), await modelsOf(ctx), request),
      ),
    },
    options: OBJECT,
  });

  /** Resolves when no slot goes by an older version any more: no timer of a detector that is gone fires after that. */
  const tellSlots = async (ctx: ObjectContext, catalogVersion: number) => {
    await RestatePromise.all(
      Array.from({ length: SLOTS }, (_, number) =>
        ctx.objectClient<SlotApi>({ name: SLOT }, String(number)).apply({ catalogVersion, commands: [] }),
      ),
    );
  };

  const catalog = object({
    name: CATALOG,
    handlers: {
      define: handlers.object.exclusive(
        LAZY,
        async (ctx: ObjectContext, request: DefineRequest): Promise<DefineAnswer> => {
          const now = await ctx.date.now();
          const { answer, touchesInstances } = await define(keyValues(ctx), request, now, limits);
          if (touchesInstances && 'version' in answer) await tellSlots(ctx, answer.version);
          return answer;
        },
      ),
      read: handlers.object.shared(LAZY, (ctx: ObjectSharedContext, request: ReadRequest) =>
        read(keyValues(ctx), request),
      ),
    },
    options: OBJECT,
  });

  const send = async (ctx: ObjectContext, { execution }: Placed): Promise<Attempt> => {
    if (execution.type === 'iotEvents') return sendInside(ctx, execution);
    const { request, roleArn } = execution;
    // What was recorded by a worker that sends nothing waits for one that does.
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

  /** A message to an input of this cluster: exactly once, for Restate itself carries it. */
  const sendInside = async (ctx: ObjectContext, { request, chain = 0 }: Execution): Promise<Attempt> => {
    const [message] = (request?.input.messages ?? []) as readonly {
      readonly messageId: string;
      readonly inputName: string;
      readonly payload: string;
    }[];
    if (message === undefined) return { type: 'Refused', error: 'The request has no message' };
    const version = await ctx.run('catalog', async () => (await catalogs.newest()).version);
    const known = await catalogs.at(version);
    const text = Buffer.from(message.payload, 'base64').toString('utf8');
    const { messageId, inputName } = message;
    const routed = routeMessage(known.catalog, { messageId, inputName, text }, chain - 1, limits);
    if (routed.type === 'Refuse')
      return { type: 'Refused', error: `${routed.refusal.code}: ${routed.refusal.message}` };
    const answers = await RestatePromise.all(
      routed.commands.map(({ slot: number, command }) =>
        ctx
          .objectClient<SlotApi>({ name: SLOT }, String(number))
          .apply({ catalogVersion: version, commands: [command] }),
      ),
    );
    const outcome = outcomeOfMessage(
      routed.faults,
      answers.flatMap(({ outcomes }) => outcomes),
    );
    if (outcome === undefined) return { type: 'Delivered' };
    if (outcome === 'Stale') return { type: 'Failed', error: 'The model was changed meanwhile' };
    return { type: 'Refused', error: `${outcome.code}: ${outcome.message}` };
  };

  const outbox = object({
    name: OUTBOX,
    handlers: {
      enqueue: handlers.object.exclusive(LAZY, async (ctx: ObjectContext, placed: readonly Placed[]) => {
        if (await enqueue(keyValues(ctx), placed)) attemptLater(ctx, 0);
      }),
      attempt: handlers.object.exclusive(LAZY, async (ctx: ObjectContext) => {
        const state = keyValues(ctx);
        for (let count = 0; count < ATTEMPTS; count++) {
          const next = await first(state);
          if (next === undefined) return;
          const attempt = await send(ctx, next);
          const settled = await settle(state, next, attempt, await ctx.date.now(), limits);
          if (settled.status === 'PENDING') {
            const ceiling = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** settled.attempts);
            return attemptLater(ctx, ceiling * (0.5 + ctx.rand.random() / 2));
          }
        }
        attemptLater(ctx, 0);
      }),
      redrive: handlers.object.exclusive(LAZY, async (ctx: ObjectContext, order: string) => {
        const { execution, attempt } = await redrive(keyValues(ctx), order);
        if (attempt) attemptLater(ctx, 0);
        return execution ?? null;
      }),
      discard: handlers.object.exclusive(
        LAZY,
        async (ctx: ObjectContext, order: string) => (await discard(keyValues(ctx), order)) ?? null,
      ),
    },
    options: OBJECT,
  });

  const attemptLater = (ctx: ObjectContext, delay: number) => {
    ctx.genericSend({
      service: OUTBOX,
      method: 'attempt',
      key: ctx.key,
      parameter: null,
      inputSerde: jsonSerde,
      delay: Math.round(delay),
    });
  };

  return [slot, catalog, outbox];
}

/** Entries are read when they are asked for: what a call costs does not grow with the object. */
const LAZY = { enableLazyState: true };

/** Nothing is kept of an invocation that has ended but its answer, for a call that is repeated under its key. */
const OBJECT = { journalRetention: 0, idempotencyRetention: { hours: 1 } };

interface SlotApi {
  apply(ctx: ObjectContext, request: ApplyRequest): Promise<ApplyAnswer>;
}

interface Outbox {
  enqueue(ctx: ObjectContext, placed: readonly Placed[]): Promise<void>;
}

const jsonSerde = {
  contentType: 'application/json',
  serialize: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  deserialize: (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes)),
};

function keyValues(ctx: ObjectSharedContext | ObjectContext): KeyValues {
  return ctx as unknown as KeyValues;
}

/** The queue of an execution: of its target, and within it always the same one for an instance. */
function queueFor({ target, type, detectorModelName, alarmModelName, keyValue }: Execution): string {
  const instance = `${detectorModelName ?? alarmModelName}/${keyValue ?? ''}`;
  const part = (fnv1a(instance, FNV_BASIS) >>> 0) % QUEUES_PER_TARGET;
  return `${part}/${target ?? type}`;
}
