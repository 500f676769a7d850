import { invalid } from './errors.ts';
import type { Member, Operation, Shapes } from './service/table.ts';
import { isObject, missing, ShapeReaders } from './shape-reader.ts';
import { Violations } from './violations.ts';

/** Where the members of a request are found. */
export interface RawRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parsed body; undefined when the request has none. */
  readonly body: unknown;
}

/** Reads and validates a whole request. Throws an InvalidRequestException that lists every violation. */
export type RequestReader = (raw: RawRequest) => Readonly<Record<string, unknown>>;

/** Compiles the reader of an operation's input, as the table describes it. */
export function compileReader({ input, shapes }: Operation): RequestReader {
  const readers = new ShapeReaders(shapes);
  const members = Object.entries(input.members).map(([name, member]) => ({
    name,
    required: input.required?.includes(name) ?? false,
    locate: locator(name, member, shapes),
    read: readers.of(member.shape),
  }));
  return (raw) => {
    if (raw.body !== undefined && !isObject(raw.body)) throw invalid('The request body is not a JSON object');
    const violations = new Violations();
    const request: Record<string, unknown> = {};
    for (const { name, required, locate, read } of members) {
      const value = locate(raw);
      if (value === undefined || value === null) {
        if (required) violations.add(null, missing(name, raw.body ?? {}), name);
        continue;
      }
      const before = violations.count;
      request[name] = read(value, violations);
      if (violations.count > before) violations.within(name, before);
    }
    violations.throwIfAny();
    return request;
  };
}

/** Returns a function that finds a member's raw value, converting numbers and lists of the query string. */
function locator(name: string, member: Member, shapes: Shapes): (raw: RawRequest) => unknown {
  const wireName = member.wireName ?? name;
  const shape = shapes[member.shape];
  if (member.in === 'path') return ({ path }) => path[wireName];
  if (member.in === 'header') return ({ headers }) => headers?.[wireName];
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
  if (shape?.type === 'boolean') {
    return ({ query }) => {
      const text = query.get(wireName);
      return text === 'true' || text === 'false' ? text === 'true' : text;
    };
  }
  const { header } = member;
  if (header !== undefined) return ({ query, headers }) => query.get(wireName) ?? headers?.[header];
  return ({ query }) => query.get(wireName);
}
