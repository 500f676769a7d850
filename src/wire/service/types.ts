import type { CONTROL_PLANE } from './control-plane.ts';
import type { DATA_PLANE } from './data-plane.ts';
import type { OperationName } from './table.ts';
import type { TOPIC_RULES } from './topic-rules.ts';

/** Derives the TypeScript types of an operation's input and output from the table. */
type Planes = typeof CONTROL_PLANE | typeof DATA_PLANE | typeof TOPIC_RULES;
type PlaneOf<O extends OperationName, P extends Planes = Planes> = P extends unknown
  ? O extends keyof P['operations']
    ? P
    : never
  : never;
type OperationOf<O extends OperationName> = PlaneOf<O>['operations'][O & keyof PlaneOf<O>['operations']];

/** The types of times and bytes, which differ between server and client. */
interface Leaves {
  readonly timestamp: unknown;
  readonly blob: unknown;
}

type TypeOf<S, N, L extends Leaves> = N extends keyof S ? ShapeType<S, S[N], L> : never;
type ShapeType<S, D, L extends Leaves> = D extends { enum: readonly (infer E)[] }
  ? E
  : D extends { type: 'string' }
    ? string
    : D extends { type: 'integer' | 'long' }
      ? number
      : D extends { type: 'boolean' }
        ? boolean
        : D extends { type: 'timestamp' }
          ? L['timestamp']
          : D extends { type: 'blob' }
            ? L['blob']
            : D extends { type: 'document' }
              ? unknown
              : D extends { type: 'list'; member: infer M }
                ? readonly TypeOf<S, M, L>[]
                : D extends { type: 'structure'; members: infer M }
                  ? StructureType<S, M, D extends { required: readonly (infer R)[] } ? R : never, L>
                  : never;
type StructureType<S, M, R, L extends Leaves> = {
  readonly [K in keyof M as K extends R ? K : never]: M[K] extends { shape: infer N }
    ? TypeOf<S, N, L>
    : never;
} & {
  readonly [K in keyof M as K extends R ? never : K]?: M[K] extends { shape: infer N }
    ? TypeOf<S, N, L>
    : never;
};

/** Times are in milliseconds since the epoch. */
interface ServerLeaves {
  readonly timestamp: number;
  readonly blob: Buffer;
}

/** A handler's input: validated and decoded, without unknown members. */
export type InputOf<O extends OperationName, L extends Leaves = ServerLeaves> =
  OperationOf<O> extends { input: infer N } ? TypeOf<PlaneOf<O>['shapes'], N, L> : never;

/** A handler's output, with times in milliseconds since the epoch. */
export type OutputOf<O extends OperationName, L extends Leaves = ServerLeaves> =
  OperationOf<O> extends { output: infer N } ? TypeOf<PlaneOf<O>['shapes'], N, L> : Record<never, never>;
