import type { EventsOperationName } from '../wire/service/table.ts';
import type { InputOf, OutputOf } from '../wire/service/types.ts';

/** Bytes may be passed as text, which is sent as UTF-8; times are Dates. */
interface ClientLeaves {
  readonly timestamp: Date;
  readonly blob: Uint8Array | string;
}

export type Input<O extends EventsOperationName> = InputOf<O, ClientLeaves>;
export type Output<O extends EventsOperationName> = OutputOf<O, ClientLeaves>;

/** One method per operation of both planes. The input is optional when no member is required. */
export type Operations = {
  readonly [O in EventsOperationName as Uncapitalize<O>]: (
    ...args: Record<never, never> extends Input<O> ? [input?: Input<O>] : [input: Input<O>]
  ) => Promise<Output<O>>;
};
