import type { Member, Operation, Shape, Shapes } from '../wire/service/table.ts';

/** A request before it is signed and sent. */
export interface HttpRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Undefined for an operation without members in the body. */
  readonly body: string | undefined;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Encodes an operation's input as the table describes it (reference: api 1). Throws TypeError when a path member is
 * missing.
 */
export function writeRequest({ method, path, input, shapes, name }: Operation, given: Values): HttpRequest {
  const members: [string, Member][] = Object.entries(input.members);
  const query: (readonly [string, string])[] = [];
  const body: Record<string, unknown> = {};
  let filled = path;
  for (const [memberName, member] of members) {
    const value = given[memberName];
    const wireName = member.wireName ?? memberName;
    if (member.in === 'path') {
      // A segment of dots only would be normalised to another path, and so to another operation.
      if (typeof value !== 'string' || /^\.{0,2}$/.test(value)) {
        throw new TypeError(`${name} needs ${memberName}, not ${JSON.stringify(value)}`);
      }
      filled = filled.replace(`{${wireName}}`, encode(value));
    } else if (value === undefined || value === null) {
    } else if (member.in === 'query') {
      for (const each of Array.isArray(value) ? value : [value]) query.push([wireName, String(each)]);
    } else {
      body[memberName] = write(shapes[member.shape], shapes, value);
    }
  }
  const hasBody = members.some(([, member]) => member.in === undefined);
  return { method, path: filled, query, body: hasBody ? JSON.stringify(body) : undefined };
}

/** Decodes an operation's output: times become Dates. */
export function readOutput({ output, shapes }: Operation, body: unknown): unknown {
  return output === undefined ? {} : read(output, shapes, body);
}

/** Encodes as RFC 3986 and signatures require: `encodeURIComponent` leaves five more characters unescaped. */
export function encode(text: string): string {
  const code = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, code);
}

function write(shape: Shape | undefined, shapes: Shapes, value: unknown): unknown {
  if (shape?.type === 'blob') return Buffer.from(value as string | Uint8Array).toString('base64');
  return walk(shape, shapes, value, write);
}

function read(shape: Shape | undefined, shapes: Shapes, value: unknown): unknown {
  if (shape?.type === 'timestamp') return new Date(Math.round((value as number) * 1000));
  return walk(shape, shapes, value, read);
}

/** Converts the items and members of a value. Unknown members stay unchanged. */
function walk(shape: Shape | undefined, shapes: Shapes, value: unknown, convert: typeof write): unknown {
  if (shape?.type === 'list' && Array.isArray(value)) {
    return value.map((item) => convert(shapes[shape.member], shapes, item));
  }
  if (shape?.type !== 'structure' || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => {
    const member = shape.members[name];
    const known = member !== undefined && each !== undefined && each !== null;
    return [name, known ? convert(shapes[member.shape], shapes, each) : each];
  });
  return Object.fromEntries(entries);
}
