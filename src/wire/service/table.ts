import { CONTROL_PLANE } from './control-plane.ts';
import { DATA_PLANE } from './data-plane.ts';
import { TOPIC_RULES } from './topic-rules.ts';

/** One table for routing, validation, reading and writing: every operation of both planes, and those of topic rules. */
export type OperationName = EventsOperationName | RuleOperationName;
export type RuleOperationName = keyof (typeof TOPIC_RULES)['operations'];
/** Of AWS IoT Events itself. */
export type EventsOperationName =
  | keyof (typeof CONTROL_PLANE)['operations']
  | keyof (typeof DATA_PLANE)['operations'];

export interface Operation {
  readonly name: OperationName;
  readonly method: string;
  /** With `{member}` where a member of the input stands. */
  readonly path: string;
  readonly status: number;
  readonly input: Shape & { readonly type: 'structure' };
  /** Absent for an operation that answers with nothing at all. */
  readonly output: Shape | undefined;
  readonly errors: readonly string[];
  /** The service that requests are signed for. */
  readonly signingName: string;
  /** The shapes that names in `input` and `output` refer to. */
  readonly shapes: Shapes;
}

export type Shapes = Readonly<Record<string, Shape>>;

export type Shape =
  | {
      readonly type: 'structure';
      readonly required?: readonly string[];
      readonly members: Readonly<Record<string, Member>>;
      /**
       * Its one member says which kind it is. A kind that the table does not know is kept, for the error to name it;
       * any other member that the table does not know is left out.
       */
      readonly isKind?: true;
      readonly isOurs?: true;
    }
  | {
      readonly type: 'list';
      readonly member: string;
      readonly min?: number;
      readonly max?: number;
      readonly isOurs?: true;
    }
  | {
      readonly type: 'string';
      readonly min?: number;
      readonly max?: number;
      readonly pattern?: string;
      readonly enum?: readonly string[];
      readonly isOurs?: true;
    }
  | {
      readonly type: 'integer' | 'long';
      readonly min?: number;
      readonly max?: number;
      readonly isOurs?: true;
    }
  | { readonly type: 'boolean' | 'timestamp' | 'blob'; readonly isOurs?: true }
  /** Any JSON. */
  | { readonly type: 'document'; readonly isOurs?: true };

export interface Member {
  readonly shape: string;
  /** In the body where it does not say. */
  readonly in?: 'path' | 'query' | 'header';
  /** Its name on the wire, where that is another. */
  readonly wireName?: string;
  /** A header that says the same, for clients that cannot add to the query. */
  readonly header?: string;
  /** Ours: the service did not have it, and its clients are not told of it. */
  readonly isOurs?: true;
}

export interface Plane {
  readonly apiVersion: string;
  readonly endpointPrefix: string;
  readonly serviceId: string;
  readonly signingName: string;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly method: string;
        readonly path: string;
        readonly status: number;
        readonly input: string;
        readonly output?: string;
        readonly errors: readonly string[];
      }
    >
  >;
  readonly shapes: Shapes;
}

/** Of AWS IoT Events: what its clients call, and those of ours. */
export const OPERATIONS: readonly Operation[] = [CONTROL_PLANE, DATA_PLANE].flatMap(operationsOf);

/** Of AWS IoT, whose clients are still there: they are called by those. */
export const RULE_OPERATIONS: readonly Operation[] = operationsOf(TOPIC_RULES);

function operationsOf(plane: Plane): Operation[] {
  return Object.entries(plane.operations).map(
    ([name, { method, path, status, input, output, errors }]): Operation => {
      const shape = plane.shapes[input];
      if (shape?.type !== 'structure') throw new Error(`The input of ${name} is not a structure`);
      return {
        name: name as OperationName,
        method,
        path,
        status,
        input: shape,
        output: output === undefined ? undefined : plane.shapes[output],
        errors,
        signingName: plane.signingName,
        shapes: plane.shapes,
      };
    },
  );
}
