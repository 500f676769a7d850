import type { Shape, Shapes } from './service/table.ts';
import type { Violations } from './violations.ts';

/** Validates one value of a request and returns it as handlers see it. Appends what is wrong to `violations`. */
export type ShapeReader = (value: unknown, violations: Violations) => unknown;

export const NOT_NULL = 'Member must not be null';

type Of<T extends Shape['type']> = Extract<Shape, { readonly type: T }>;

/** Compiles the table's shapes to closures, each shape once. */
export class ShapeReaders {
  readonly #shapes: Shapes;
  readonly #readers = new Map<string, ShapeReader>();

  constructor(shapes: Shapes) {
    this.#shapes = shapes;
  }

  /** Terminates because no shape of the table is recursive. */
  of(name: string): ShapeReader {
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const shape = this.#shapes[name];
    if (shape === undefined) throw new Error(`The table has no shape ${name}`);
    const reader = this.#compile(shape);
    this.#readers.set(name, reader);
    return reader;
  }

  #compile(shape: Shape): ShapeReader {
    switch (shape.type) {
      case 'structure':
        return this.#structure(shape);
      case 'list':
        return listReader(shape, this.of(shape.member));
      case 'string':
        return stringReader(shape);
      case 'integer':
        return numberReader(shape, 'an integer', -(2 ** 31), 2 ** 31 - 1);
      case 'long':
        return numberReader(shape, 'a long', -(2 ** 63), 2 ** 63);
      case 'boolean':
        return typeReader((value) => typeof value === 'boolean', 'Member must be a boolean');
      case 'blob':
        return readBlob;
      case 'document':
        return (value) => value;
      case 'timestamp':
        return typeReader((value) => typeof value === 'number', 'Member must be a timestamp');
    }
  }

  #structure(shape: Of<'structure'>): ShapeReader {
    const members = Object.entries(shape.members).map(([name, member]) => ({
      name,
      required: shape.required?.includes(name) ?? false,
      read: this.of(member.shape),
    }));
    return (value, violations) => {
      if (!isObject(value)) return violations.add(value, 'Member must be an object');
      const structure: Record<string, unknown> = {};
      for (const { name, required, read } of members) {
        const given = value[name];
        // null means absent, as in exports of the AWS console (reference: models 3.2).
        if (given === undefined || given === null) {
          if (required) violations.add(null, missing(name, value), name);
          continue;
        }
        const before = violations.count;
        structure[name] = read(given, violations);
        if (violations.count > before) violations.within(name, before);
      }
      return shape.isKind === true && Object.keys(structure).length === 0 ? unknownKind(value) : structure;
    };
  }
}

/**
 * The constraint that an absent required member violates, with a hint if the request spells its name in another case.
 */
export function missing(name: string, given: object): string {
  const spelt = Object.keys(given).find(
    (other) => other !== name && other.toLowerCase() === name.toLowerCase(),
  );
  return spelt === undefined ? NOT_NULL : `${NOT_NULL} (the request spells it ${spelt})`;
}

/** An object of an unknown kind, for an error message: the first levels only, without null members. */
function unknownKind(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, firstLevels(member, SHOWN_LEVELS)]));
}

const SHOWN_LEVELS = 3;

function firstLevels(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => firstLevels(item, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, firstLevels(member, levels - 1)]),
  );
}

function listReader({ min = 0, max = Number.POSITIVE_INFINITY }: Of<'list'>, read: ShapeReader): ShapeReader {
  return (value, violations) => {
    if (!Array.isArray(value)) return violations.add(value, 'Member must be a list');
    if (value.length < min) violations.add(value, tooShort(min));
    if (value.length > max) violations.add(value, tooLong(max));
    return value.map((item: unknown, index) => {
      const before = violations.count;
      const given = item === null ? violations.add(null, NOT_NULL) : read(item, violations);
      if (violations.count > before) violations.within(`${index + 1}.member`, before);
      return given;
    });
  };
}

function stringReader(shape: Of<'string'>): ShapeReader {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = shape;
  // The service's patterns match the whole text, even if they are not anchored.
  const expected = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`);
  const allowed = shape.enum === undefined ? undefined : new Set(shape.enum);
  return (value, violations) => {
    if (typeof value !== 'string') return violations.add(value, 'Member must be a string');
    if (value.length < min) violations.add(value, tooShort(min));
    // Checked first, so that no pattern runs over text of unlimited length.
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

function numberReader(
  { min, max }: Of<'integer' | 'long'>,
  type: string,
  least: number,
  most: number,
): ShapeReader {
  return (value, violations) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return violations.add(value, `Member must be ${type}`);
    }
    if (min !== undefined && value < min) {
      return violations.add(value, `Member must have value greater than or equal to ${min}`);
    }
    // The largest long is no exact number here, and would be shown as another one.
    if (max !== undefined && Number.isSafeInteger(max) && value > max) {
      return violations.add(value, `Member must have value less than or equal to ${max}`);
    }
    if (value < least || value > most) return violations.add(value, `Member must be ${type}`);
    return value;
  };
}

function typeReader(fits: (value: unknown) => boolean, constraint: string): ShapeReader {
  return (value, violations) => (fits(value) ? value : violations.add(value, constraint));
}

/**
 * Reads strict base64. Node's decoder ignores invalid characters and also accepts the URL-safe alphabet, so a text is
 * strict only if every four characters gave three bytes. Cheaper than matching a pattern.
 */
function readBlob(value: unknown, violations: Violations): unknown {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64');
    const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
    const whole = bytes.length === (value.length / 4) * 3 - padding;
    if (whole && !value.includes('-') && !value.includes('_')) return bytes;
  }
  return violations.add(value, 'Member must be base64-encoded');
}

function tooShort(min: number): string {
  return `Member must have length greater than or equal to ${min}`;
}

function tooLong(max: number): string {
  return `Member must have length less than or equal to ${max}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
