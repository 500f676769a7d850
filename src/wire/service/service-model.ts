import { type DeclaredErrorName, ERRORS } from '../errors.ts';
import { CONTROL_PLANE } from './control-plane.ts';
import { DATA_PLANE } from './data-plane.ts';
import type { Member, Plane, Shape } from './table.ts';

/** The names of the two planes in boto3 and the AWS CLI. */
export const SERVICE_NAMES = ['iotevents', 'iotevents-data'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** A botocore service model, `service-2.json`, ready for JSON.stringify. */
export interface ServiceModel {
  readonly version: '2.0';
  readonly metadata: Readonly<Record<string, unknown>> & { readonly apiVersion: string };
  readonly operations: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, unknown>>;
}

const PLANES: Readonly<Record<ServiceName, Plane>> = {
  iotevents: CONTROL_PLANE,
  'iotevents-data': DATA_PLANE,
};

/**
 * Builds a model with which newer AWS clients, shipped without AWS IoT Events, get its commands back: everything this
 * server routes and checks, in botocore's format, without documentation.
 */
export function serviceModel(name: ServiceName): ServiceModel {
  const plane = PLANES[name];
  const { apiVersion, endpointPrefix, serviceId, signingName } = plane;
  const exceptions = new Set(Object.values(plane.operations).flatMap(({ errors }) => errors));
  const shapes = {
    ...map(theirs(plane.shapes), renderShape),
    ...Object.fromEntries([...exceptions].map((code) => [code, renderException(code as DeclaredErrorName)])),
    errorMessage: { type: 'string' },
    ...(exceptions.has('ResourceAlreadyExistsException') && RESOURCE_SHAPES),
  };
  return {
    version: '2.0',
    metadata: {
      apiVersion,
      endpointPrefix,
      protocol: 'rest-json',
      protocols: ['rest-json'],
      serviceFullName: `AWS ${serviceId}`,
      serviceId,
      signatureVersion: 'v4',
      signingName,
      uid: `${name}-${apiVersion}`,
      auth: ['aws.auth#sigv4'],
    },
    operations: map(plane.operations, ({ method, path, status, input, output, errors }, operation) => ({
      name: operation,
      http: { method, requestUri: path, ...(status !== 200 && { responseCode: status }) },
      input: { shape: input },
      ...(output !== undefined && { output: { shape: output } }),
      errors: errors.map((shape) => ({ shape })),
    })),
    shapes: sorted(shapes),
  };
}

/** Removes Tripline's extensions. */
function theirs<T extends { readonly isOurs?: true }>(
  entries: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(entries).filter(([, { isOurs }]) => isOurs !== true));
}

function renderShape(shape: Shape): object {
  if (shape.type === 'structure') {
    const { isKind: _, ...structure } = shape;
    return { ...structure, members: map(theirs(shape.members), renderMember) };
  }
  return shape.type === 'list' ? { ...shape, member: { shape: shape.member } } : shape;
}

function renderMember({ shape, in: location, wireName }: Member, name: string): object {
  if (location === undefined) return { shape };
  return { shape, location: location === 'path' ? 'uri' : 'querystring', locationName: wireName ?? name };
}

const RESOURCE_SHAPES = {
  resourceId: { type: 'string' },
  resourceArn: { type: 'string' },
};

function renderException(code: DeclaredErrorName): object {
  const resource = { resourceId: { shape: 'resourceId' }, resourceArn: { shape: 'resourceArn' } };
  const status = ERRORS[code];
  return {
    type: 'structure',
    members: {
      message: { shape: 'errorMessage' },
      ...(code === 'ResourceAlreadyExistsException' && resource),
    },
    error: { httpStatusCode: status },
    exception: true,
    ...(status >= 500 && { fault: true }),
  };
}

function map<T, R>(
  entries: Readonly<Record<string, T>>,
  render: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, render(value, name)]));
}

function sorted<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
