import { CONTROL_PLANE } from './control-plane.ts';
import { DATA_PLANE } from './data-plane.ts';
import { TOPIC_RULES } from './topic-rules.ts';

/** All operations of both planes and of topic rules. One table drives routing, validation, reading and writing. */
export type OperationName = EventsOperationName | RuleOperationName;
export type RuleOperationName = keyof (typeof TOPIC_RULES)['operations'];
/** Operations of AWS IoT Events. */
export type EventsOperationName =
  | keyof (typeof CONTROL_PLANE)['operations']
  | keyof (typeof DATA_PLANE)['operations'];

export interface Operation {
  readonly name: OperationName;
  readonly method: string;
  /** Contains `{member}` for each member of the input that is part of the path. */
  readonly path: string;
  readonly status: number;
  readonly input: Shape & { readonly type: 'structure' };
  /** Absent for an operation with an empty response. */
  readonly output: Shape | undefined;
  readonly errors: readonly string[];
  /** The service name used in request signatures. */
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
       * The object's only member names its kind. An unknown kind is kept, so that the error can name it; any other
       * unknown member is dropped.
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
  /** Defaults to the body. */
  readonly in?: 'path' | 'query' | 'header';
  /** The member's name in the request, if different. */
  readonly wireName?: string;
  /** An alternative header, for clients that cannot change the query string. */
  readonly header?: string;
  /** A Tripline extension, not passed on to the service's clients. */
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

/** Operations of AWS IoT Events, and Tripline's own. */
export const OPERATIONS: readonly Operation[] = [CONTROL_PLANE, DATA_PLANE].flatMap(operationsOf);

/** Operations of AWS IoT, called by the clients of AWS IoT. */
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
