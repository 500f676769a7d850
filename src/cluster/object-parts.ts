import type { ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { Limits } from '../limits.ts';
import type { BeginOptions } from '../runtime/delivery/begin.ts';
import type { Log } from '../runtime/log.ts';
import type { Senders } from '../send/index.ts';
import type { Catalogs } from './catalogs.ts';
import type {
  ApplyAnswer,
  ApplyRequest,
  KeepAnswer,
  KeepRequest,
  ObjectNames,
  Placed,
  TakeRequest,
} from './contract.ts';
import type { Evaluations } from './evaluations.ts';
import type { Ingress } from './ingress.ts';
import type { KeyValues } from './key-values.ts';
import type { loadSdk } from './sdk.ts';

/** Shared by the virtual objects that a worker serves. */
export interface ObjectParts {
  readonly sdk: Awaited<ReturnType<typeof loadSdk>>;
  readonly names: ObjectNames;
  readonly ingress: Ingress;
  readonly limits: Limits;
  readonly log: Log;
  readonly begin: BeginOptions;
  /** Absent when every action except iotEvents is recorded. */
  readonly senders: Senders | undefined;
  readonly catalogs: Catalogs;
  readonly evaluations: Evaluations;
  /** Resolves with the time of an invocation, the same at every attempt; milliseconds since the epoch. */
  nowOf(ctx: ObjectContext): Promise<number>;
  /** The current time, which differs between attempts; milliseconds since the epoch. */
  clock(): number;
}

/** Entries are read on demand, so that the cost of a call does not grow with the object. */
export const LAZY = { enableLazyState: true };

/** All entries come with the call, instead of one by one. */
export const EAGER = { enableLazyState: false };

/** Of a finished invocation only the answer is retained, for calls repeated under the same key. */
export const OBJECT = { journalRetention: 0, idempotencyRetention: { hours: 1 } };

/* The handlers that objects call on each other. */
export interface SlotApi {
  apply(ctx: ObjectContext, request: ApplyRequest): Promise<ApplyAnswer>;
  wouldKeep(ctx: ObjectSharedContext, request: KeepRequest): Promise<KeepAnswer>;
}

export interface PlacesApi {
  take(ctx: ObjectContext, request: TakeRequest): Promise<number>;
  give(ctx: ObjectContext, count: number): Promise<void>;
}

export interface OutboxApi {
  enqueue(ctx: ObjectContext, placed: readonly Placed[]): Promise<void>;
}

/** The entries of the object that an invocation is for. */
export function entriesOf(context: ObjectSharedContext | ObjectContext): KeyValues {
  // Handlers with read-only access get no write methods.
  const ctx = context as ObjectContext;
  return {
    get: <T>(name: string) => ctx.get<T>(name),
    // All are requested, then awaited one after the other: the SDK lets an invocation wait for one thing at a time, and
    // its own `all` examines every one of them at every answer.
    async getAll<T>(names: readonly string[]) {
      const asked = names.map((name) => ctx.get<T>(name));
      const values: (T | null)[] = [];
      for (const each of asked) values.push(await each);
      return values;
    },
    set: <T>(name: string, value: T) => ctx.set(name, value),
    clear: (name) => ctx.clear(name),
    stateKeys: () => ctx.stateKeys(),
  };
}

/** Calls another handler of the same object after so many milliseconds. */
export function callLater(
  ctx: ObjectContext,
  service: string,
  method: string,
  parameter: unknown,
  delay: number,
): void {
  ctx.genericSend({
    ...{ service, method, parameter },
    key: ctx.key,
    inputSerde: jsonSerde,
    delay: Math.max(0, Math.round(delay)),
  });
}

const jsonSerde = {
  contentType: 'application/json',
  serialize: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  deserialize: (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes)),
};
