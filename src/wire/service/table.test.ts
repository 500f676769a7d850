import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERRORS } from '../errors.ts';
import { CONTROL_PLANE } from './control-plane.ts';
import { DATA_PLANE } from './data-plane.ts';
import { OPERATIONS, type Shape } from './table.ts';

/**
 * Compares the table with the service description that it was derived from (../shared/spec), which not every checkout
 * has. The description is adopted completely and without corrections.
 */
const folder = new URL('../../../../shared/spec/', import.meta.url);
const described = (file: string): Description => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

interface Description {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly http: {
          readonly method: string;
          readonly requestUri: string;
          readonly responseCode?: number;
        };
        readonly input: { readonly shape: string };
        readonly output?: { readonly shape: string };
        readonly errors: readonly { readonly shape: string }[];
      }
    >
  >;
  readonly shapes: Readonly<Record<string, DescribedShape>>;
}

interface DescribedShape {
  readonly type: Shape['type'];
  readonly required?: readonly string[];
  readonly members?: Readonly<
    Record<string, { readonly shape: string; readonly location?: string; readonly locationName?: string }>
  >;
  readonly member?: { readonly shape: string };
  readonly exception?: boolean;
  readonly error?: { readonly httpStatusCode: number };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

test('there are 38 operations, with distinct calls', () => {
  expect(OPERATIONS).toHaveLength(38);
  expect(new Set(OPERATIONS.map(({ method, path }) => `${method} ${path}`)).size).toBe(38);
});

test('every referenced shape exists, and none is recursive', () => {
  for (const { shapes, input } of OPERATIONS) {
    const visit = (shape: Shape | undefined, above: readonly Shape[]): void => {
      expect(shape).toBeDefined();
      if (shape === undefined) return;
      expect(above).not.toContain(shape);
      if (shape.type === 'list') visit(shapes[shape.member], [...above, shape]);
      if (shape.type !== 'structure') return;
      for (const member of Object.values(shape.members)) visit(shapes[member.shape], [...above, shape]);
      for (const name of shape.required ?? []) expect(shape.members).toHaveProperty(name);
    };
    visit(input, []);
  }
});

const planes = [
  ['iotevents.api.json', CONTROL_PLANE],
  ['iotevents-data.api.json', DATA_PLANE],
] as const;

describe.skipIf(!existsSync(folder))('the service description in ../shared/spec', () => {
  test.each(planes)('%s: operations', (file, plane) => {
    const { metadata, operations } = described(file);
    const { apiVersion, endpointPrefix, serviceId } = metadata;
    expect(plane).toMatchObject({ apiVersion, endpointPrefix, serviceId });
    // Without a signing name of its own, a service signs with its endpoint prefix.
    expect(plane.signingName).toBe(metadata.signingName ?? endpointPrefix);
    const expected = Object.entries(operations).map(([name, { http, input, output, errors }]) => [
      name,
      {
        method: http.method,
        path: http.requestUri,
        status: http.responseCode ?? 200,
        input: input.shape,
        ...(output !== undefined && { output: output.shape }),
        errors: errors.map(({ shape }) => shape),
      },
    ]);
    expect(plane.operations).toEqual(Object.fromEntries(expected));
  });

  test.each(planes)('%s: shapes', (file, plane) => {
    const shapes = Object.entries(described(file).shapes).filter(([, { exception }]) => exception !== true);
    // Exceptions are in wire/errors.ts; shapes that only exceptions use are omitted with them.
    const used = shapes.filter(([name]) => name in plane.shapes);
    expect(Object.fromEntries(used.map(([name, shape]) => [name, reduced(shape)]))).toEqual(
      withoutOwn(plane.shapes),
    );
    const left = shapes.filter(([name]) => !(name in plane.shapes)).map(([name]) => name);
    expect(left.filter((name) => !onlyInExceptions(name, described(file)))).toEqual([]);
  });

  test.each(planes)('%s: exceptions', (file) => {
    for (const [name, { exception, error }] of Object.entries(described(file).shapes)) {
      if (exception === true) expect(ERRORS).toHaveProperty(name, error?.httpStatusCode);
    }
  });
});

/** A shape in the notation of the table. */
function reduced({ type, required, members, member, min, max, pattern, enum: allowed }: DescribedShape) {
  return {
    type,
    ...(required !== undefined && required.length > 0 && { required }),
    ...(members !== undefined && {
      members: Object.fromEntries(
        Object.entries(members).map(([name, { shape, location, locationName }]) => [
          name,
          {
            shape,
            ...(location !== undefined && { in: location === 'uri' ? 'path' : 'query' }),
            ...(locationName !== undefined && locationName !== name && { wireName: locationName }),
          },
        ]),
      ),
    }),
    ...(member !== undefined && { member: member.shape }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(pattern !== undefined && { pattern }),
    ...(allowed !== undefined && { enum: allowed }),
  };
}

/**
 * Removes Tripline's extensions, which the service description does not have: `isKind` and everything marked `isOurs`.
 */
function withoutOwn(shapes: object): object {
  const entries = Object.entries(shapes)
    .filter(([name, value]) => name !== 'isKind' && value?.isOurs !== true)
    .map(([name, value]) => {
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      return [name, isObject ? withoutOwn(value) : value];
    });
  return Object.fromEntries(entries);
}

function onlyInExceptions(name: string, { shapes }: Description): boolean {
  return Object.values(shapes).every(
    ({ exception, members = {}, member }) =>
      exception === true ||
      (member?.shape !== name && Object.values(members).every(({ shape }) => shape !== name)),
  );
}
