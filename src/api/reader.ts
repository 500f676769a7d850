import { invalid } from './errors.ts';
import type { Member, Operation, Shape, Shapes } from './service/table.ts';

/** Where the members of a request stand before they are read. */
export interface RawRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed body; undefined when the request has none. */
  readonly body: unknown;
}

/** Reads and checks a whole request; throws InvalidRequestException that lists every violation. */
export type RequestReader = (raw: RawRequest) => Readonly<Record<string, unknown>>;

/** Violations that one answer lists. */
const MOST_VIOLATIONS = 20;
/** Characters of an offending value that a message repeats. */
const LONGEST_VALUE = 128;

/** Compiles the table's description of an operation's input. */
export function compileReader({ input, shapes }: Operation): RequestReader {
  const readers = new Map<string, Reader>();
  const members = Object.entries(input.members).map(([name, member]) => ({
    name,
    required: input.required?.includes(name) ?? false,
    locate: locator(name, member, shapes),
    read: shapeReader(member.shape, shapes, readers),
  }));
  return (raw) => {
    const violations = new Violations();
    if (raw.body !== undefined && !isObject(raw.body)) throw invalid('The request body is not a JSON object');
    const request: Record<string, unknown> = {};
    for (const { name, required, locate, read } of members) {
      const value = locate(raw);
      if (value === undefined || value === null) {
        if (required) violations.missing(name);
        continue;
      }
      violations.enter(name);
      request[name] = read(value, violations);
      violations.leave();
    }
    violations.throwIfAny();
    return request;
  };
}

type Reader = (value: unknown, violations: Violations) => unknown;

/** Finds a member's raw value; numbers and lists in the query are texts until here. */
function locator(name: string, member: Member, shapes: Shapes): (raw: RawRequest) => unknown {
  const wireName = member.wireName ?? name;
  const shape = shapes[member.shape];
  if (member.in === 'path') return ({ path }) => path[wireName];
  if (member.in !== 'query')
    return ({ body }) => (body as Readonly<Record<string, unknown>> | undefined)?.[name];
  if (shape?.type === 'list') {
    return ({ query }) => (query.has(wireName) ? query.getAll(wireName) : undefined);
  }
  if (shape?.type === 'integer') {
    return ({ query }) => {
      const text = query.get(wireName);
      return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    };
  }
  return ({ query }) => query.get(wireName);
}

/** The reader of a shape; the map keeps shapes that contain themselves from going round for ever. */
function shapeReader(name: string, shapes: Shapes, readers: Map<string, Reader>): Reader {
  const known = readers.get(name);
  if (known !== undefined) return known;
  let reader: Reader | undefined;
  const later: Reader = (value, violations) => reader?.(value, violations);
  readers.set(name, later);
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`The table has no shape ${name}`);
  reader = compileShape(shape, shapes, readers);
  readers.set(name, reader);
  return reader;
}

function compileShape(shape: Shape, shapes: Shapes, readers: Map<string, Reader>): Reader {
  switch (shape.type) {
    case 'structure':
      return structureReader(shape, shapes, readers);
    case 'list':
      return listReader(shape, shapes, readers);
    case 'string':
      return stringReader(shape);
    case 'integer':
      return numberReader(shape, -(2 ** 31), 2 ** 31 - 1);
    case 'long':
      return numberReader(shape, -(2 ** 63), 2 ** 63);
    case 'boolean':
      return typeReader((value) => typeof value === 'boolean', 'Member must be a boolean');
    case 'blob':
      return readBlob;
    case 'timestamp':
      return typeReader((value) => typeof value === 'number', 'Member must be a timestamp');
  }
}

function structureReader(
  shape: Shape & { type: 'structure' },
  shapes: Shapes,
  readers: Map<string, Reader>,
): Reader {
  const members = Object.entries(shape.members).map(([name, member]) => ({
    name,
    required: shape.required?.includes(name) ?? false,
    read: shapeReader(member.shape, shapes, readers),
  }));
  return (value, violations) => {
    if (!isObject(value)) return violations.add(value, 'Member must be an object');
    const structure: Record<string, unknown> = {};
    for (const { name, required, read } of members) {
      const given = value[name];
      // null stands for absent, as console exports write it (spec: model 3.2).
      if (given === undefined || given === null) {
        if (required) violations.missing(name);
        continue;
      }
      violations.enter(name);
      structure[name] = read(given, violations);
      violations.leave();
    }
    return structure;
  };
}

function listReader(shape: Shape & { type: 'list' }, shapes: Shapes, readers: Map<string, Reader>): Reader {
  const read = shapeReader(shape.member, shapes, readers);
  const { min = 0, max = Number.POSITIVE_INFINITY } = shape;
  return (value, violations) => {
    if (!Array.isArray(value)) return violations.add(value, 'Member must be a list');
    if (value.length < min) violations.add(value, tooShort(min));
    if (value.length > max) violations.add(value, tooLong(max));
    return value.map((item: unknown, index) => {
      violations.enter(`${index + 1}.member`);
      const result =
        item === null || item === undefined ? violations.add(null, NOT_NULL) : read(item, violations);
      violations.leave();
      return result;
    });
  };
}

function stringReader(shape: Shape & { type: 'string' }): Reader {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = shape;
  // The service's patterns match the whole text, also where they are not anchored.
  const expected = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`);
  const allowed = shape.enum === undefined ? undefined : new Set(shape.enum);
  return (value, violations) => {
    if (typeof value !== 'string') return violations.add(value, 'Member must be a string');
    if (value.length < min) violations.add(value, tooShort(min));
    if (value.length > max) return violations.add(value, tooLong(max));
    if (expected !== undefined && !expected.test(value)) {
      violations.add(value, `Member must satisfy regular expression pattern: ${pattern}`);
    }
    if (allowed !== undefined && !allowed.has(value)) {
      violations.add(value, `Member must satisfy enum value set: [${[...allowed].join(', ')}]`);
    }
    return value;
  };
}

function numberReader(shape: Shape & { type: 'integer' | 'long' }, least: number, most: number): Reader {
  const { min, max } = shape;
  return (value, violations) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      return violations.add(value, `Member must be ${shape.type === 'long' ? 'a long' : 'an integer'}`);
    }
    if (min !== undefined && value < min) {
      violations.add(value, `Member must have value greater than or equal to ${min}`);
    }
    if (max !== undefined && value > max) {
      violations.add(value, `Member must have value less than or equal to ${max}`);
    }
    return value;
  };
}

function typeReader(fits: (value: unknown) => boolean, constraint: string): Reader {
  return (value, violations) => (fits(value) ? value : violations.add(value, constraint));
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function readBlob(value: unknown, violations: Violations): unknown {
  if (typeof value !== 'string' || value.length % 4 !== 0 || !BASE64.test(value)) {
    return violations.add(value, 'Member must be base64-encoded');
  }
  return Buffer.from(value, 'base64');
}

const NOT_NULL = 'Member must not be null';

function tooShort(min: number): string {
  return `Member must have length greater than or equal to ${min}`;
}

function tooLong(max: number): string {
  return `Member must have length less than or equal to ${max}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Everything wrong with a request, in the service's words (spec: api 1.1). */
class Violations {
  readonly #path: string[] = [];
  readonly #found: string[] = [];
  #count = 0;

  enter(name: string): void {
    this.#path.push(name);
  }

  leave(): void {
    this.#path.pop();
  }

  missing(name: string): void {
    this.enter(name);
    this.add(null, NOT_NULL);
    this.leave();
  }

  /** Notes a violation of the member where reading stands; gives undefined as that member's value. */
  add(value: unknown, constraint: string): undefined {
    this.#count++;
    if (this.#found.length >= MOST_VIOLATIONS) return;
    const shown = value === null ? 'null' : `'${shorten(value)}'`;
    this.#found.push(
      `Value ${shown} at '${this.#path.join('.')}' failed to satisfy constraint: ${constraint}`,
    );
  }

  throwIfAny(): void {
    if (this.#count === 0) return;
    const head = `${this.#count} validation error${this.#count === 1 ? '' : 's'} detected`;
    throw invalid(`${head}: ${this.#found.join('; ')}`);
  }
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
}
