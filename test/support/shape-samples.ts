import type { Operation, Shape, Shapes } from '../../src/wire/service/table.ts';

/** Requests and answers generated from the operations table, for the tests of this folder. */

/** A value with every member of the shape, in its JSON form; its outermost lists have two items. */
export function sample(name: string, shapes: Shapes, items = 2): unknown {
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`The table has no shape ${name}`);
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        Object.entries(shape.members).map(([member, { shape }]) => [member, sample(shape, shapes, items)]),
      );
    case 'list':
      return Array.from({ length: items }, () => sample(shape.member, shapes, 1));
    case 'string':
      return sampleText(shape);
    case 'integer':
      return shape.min ?? 7;
    case 'long':
      return 1_560_796_816_077;
    case 'boolean':
      return true;
    case 'timestamp':
      return 1_560_796_816_077;
    case 'blob':
      return Buffer.from('{"sensorData":{"pressure":23}}').toString('base64');
    case 'document':
      return { any: ['JSON', null] };
  }
}

export function sampleInput(operation: Operation): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(operation.input.members).map(([member, { shape }]) => [
      member,
      sample(shape, operation.shapes),
    ]),
  );
}

/** Times are in milliseconds, as handlers return them. */
export function sampleOutput({ output, shapes }: Operation): Record<string, unknown> {
  if (output?.type !== 'structure') return {};
  return Object.fromEntries(
    Object.entries(output.members).map(([member, { shape }]) => [member, sample(shape, shapes)]),
  );
}

/** Converts a JSON value to a program's form; `leaf` converts everything except lists and structures. */
export function convert(
  shape: Shape | undefined,
  shapes: Shapes,
  value: unknown,
  leaf: typeof decoded,
): unknown {
  if (shape?.type === 'list') {
    return (value as unknown[]).map((item) => convert(shapes[shape.member], shapes, item, leaf));
  }
  if (shape?.type === 'structure') {
    const entries = Object.entries(value as object).map(([name, each]) => {
      const member = shape.members[name];
      return [name, convert(member && shapes[member.shape], shapes, each, leaf)];
    });
    return Object.fromEntries(entries);
  }
  return shape === undefined ? value : leaf(shape, value);
}

export const decoded = (shape: Shape, value: unknown): unknown =>
  shape.type === 'blob' ? Buffer.from(String(value), 'base64') : value;
export const dated = (shape: Shape, value: unknown): unknown =>
  shape.type === 'timestamp' ? new Date(Number(value)) : value;

const TEXTS = ['Example_1', ',', 'a'];

function sampleText({
  min = 0,
  max = Number.POSITIVE_INFINITY,
  pattern,
  enum: allowed,
}: Of<'string'>): string {
  if (allowed?.[0] !== undefined) return allowed[0];
  const fits = TEXTS.find(
    (text) =>
      text.length >= min && text.length <= max && (pattern === undefined || new RegExp(pattern).test(text)),
  );
  if (fits === undefined) throw new Error(`No sample text fits ${pattern}`);
  return fits;
}

type Of<T extends Shape['type']> = Extract<Shape, { readonly type: T }>;

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
}

/** Puts an input's members where the table places them: path, query, body. */
export function toRequest(operation: Operation, input: Readonly<Record<string, unknown>>): WireRequest {
  const query = new URLSearchParams();
  const body: Record<string, unknown> = {};
  let { path } = operation;
  for (const [name, member] of Object.entries(operation.input.members)) {
    const value = input[name];
    const wireName = member.wireName ?? name;
    if (member.in === 'path') path = path.replace(`{${wireName}}`, encodeURIComponent(String(value)));
    else if (value === undefined) continue;
    else if (member.in !== 'query') body[name] = value;
    else for (const each of Array.isArray(value) ? value : [value]) query.append(wireName, String(each));
  }
  const hasBody = Object.values(operation.input.members).some((member) => member.in === undefined);
  return {
    method: operation.method,
    path,
    query: query.toString(),
    body: hasBody ? JSON.stringify(body) : undefined,
  };
}

/** A change of one member. */
export interface Change {
  /** From the input to the member: names, and positions in lists. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** Every constraint violated by the value, each with `at`; empty when the value is just valid. */
  readonly fails: readonly string[];
  readonly at: string;
}

/** For every constraint of an operation's input, a value that just satisfies it and one that violates it. */
export function* changes({ input, shapes }: Operation): Generator<Change> {
  for (const [name, member] of Object.entries(input.members)) {
    const onWire = member.in ?? 'body';
    if (input.required?.includes(name) && onWire !== 'path') yield missing([name]);
    yield* changesOf(member.shape, shapes, [name], onWire);
  }
}

type Place = 'path' | 'query' | 'header' | 'body';

function* changesOf(name: string, shapes: Shapes, path: Change['path'], place: Place): Generator<Change> {
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`The table has no shape ${name}`);
  const make = (value: unknown, ...fails: string[]): Change => ({ path, value, fails, at: positionOf(path) });
  switch (shape.type) {
    case 'structure':
      yield make('text', 'Member must be an object');
      yield make([], 'Member must be an object');
      for (const [member, { shape: inner }] of Object.entries(shape.members)) {
        if (shape.required?.includes(member)) {
          yield missing([...path, member]);
          yield { ...missing([...path, member]), value: null };
        }
        yield* changesOf(inner, shapes, [...path, member], place);
      }
      return;
    case 'list':
      if (place === 'body') {
        yield make({}, 'Member must be a list');
        if ((shape.min ?? 0) > 0) yield make([], longer(shape.min));
        yield { ...missing([...path, 0]), value: null };
      }
      if (shape.max !== undefined) {
        yield make(Array(shape.max).fill(sample(shape.member, shapes)));
        yield make(Array(shape.max + 1).fill(sample(shape.member, shapes)), shorter(shape.max));
      }
      yield* changesOf(shape.member, shapes, [...path, 0], place);
      return;
    case 'string': {
      const pattern = `Member must satisfy regular expression pattern: ${shape.pattern}`;
      if (place === 'body') yield make(5, 'Member must be a string');
      if ((shape.min ?? 0) > 0 && place !== 'path') {
        yield make('', longer(shape.min), ...(shape.pattern === undefined ? [] : [pattern]));
      }
      if (shape.max !== undefined) {
        yield make('a'.repeat(shape.max));
        yield make('a'.repeat(shape.max + 1), shorter(shape.max));
        // Patterns are not checked on values that are too long.
        yield make('§'.repeat(shape.max + 1), shorter(shape.max));
      }
      if (shape.pattern !== undefined) yield make('§', pattern);
      if (shape.enum !== undefined) {
        yield make('OTHER', `Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
      }
      return;
    }
    case 'integer':
    case 'long': {
      const type = `Member must be ${shape.type === 'long' ? 'a long' : 'an integer'}`;
      yield make('five', type);
      yield make(1.5, type);
      if (shape.type === 'long') yield make(1e19, type);
      else yield make(2 ** 31, shape.max === undefined ? type : lessOrEqual(shape.max));
      if (shape.min !== undefined) {
        yield make(shape.min);
        yield make(shape.min - 1, `Member must have value greater than or equal to ${shape.min}`);
      }
      if (shape.max !== undefined) yield make(shape.max);
      if (shape.max !== undefined && shape.max < 2 ** 31 - 1) {
        yield make(shape.max + 1, lessOrEqual(shape.max));
      }
      return;
    }
    case 'boolean':
      yield make('true', 'Member must be a boolean');
      return;
    case 'blob':
      for (const value of ['abc', '{}==', 'ab_-', 5]) yield make(value, 'Member must be base64-encoded');
      return;
    case 'timestamp':
      yield make('now', 'Member must be a timestamp');
  }
}

function lessOrEqual(max: number): string {
  return `Member must have value less than or equal to ${max}`;
}

function missing(path: Change['path']): Change {
  return { path, value: undefined, fails: ['Member must not be null'], at: positionOf(path) };
}

/** A copy of the input with the change applied. */
export function applyChange(input: object, { path, value }: Change): Record<string, unknown> {
  const changed = structuredClone(input) as Record<string, unknown>;
  let place = changed as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  place[path.at(-1) ?? ''] = value;
  return changed;
}

function positionOf(path: Change['path']): string {
  return path.map((step) => (typeof step === 'number' ? `${step + 1}.member` : step)).join('.');
}

function longer(min = 0): string {
  return `Member must have length greater than or equal to ${min}`;
}

function shorter(max: number): string {
  return `Member must have length less than or equal to ${max}`;
}

/** The values without our own members, which AWS's clients do not know. */
export function withoutOurs(shape: Shape | undefined, values: object): object {
  if (shape?.type !== 'structure') return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => shape.members[name]?.isOurs !== true));
}
