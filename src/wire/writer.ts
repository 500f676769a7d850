import type { Operation, Shape, Shapes } from './service/table.ts';

/** Converts a handler's output to its wire format. */
export type ResponseWriter = (output: unknown) => unknown;

/** Compiles the writer of an operation's output, as the table describes it. Only times need a conversion. */
export function compileWriter({ output, shapes }: Operation): ResponseWriter {
  return output === undefined ? () => ({}) : compile(output, shapes);
}

function compile(shape: Shape, shapes: Shapes): ResponseWriter {
  if (!hasTimes(shape, shapes)) return (value) => value;
  switch (shape.type) {
    case 'structure': {
      const members = Object.entries(shape.members).map(
        ([name, member]) => [name, compile(shapes[member.shape] as Shape, shapes)] as const,
      );
      return (value) => {
        const written: Record<string, unknown> = {};
        for (const [name, write] of members) {
          const given = (value as Readonly<Record<string, unknown>>)[name];
          if (given !== undefined) written[name] = write(given);
        }
        return written;
      };
    }
    case 'list': {
      const write = compile(shapes[shape.member] as Shape, shapes);
      return (value) => (value as readonly unknown[]).map(write);
    }
    default:
      // Milliseconds become seconds with a fraction (reference: api 1).
      return (value) => (value as number) / 1000;
  }
}

function hasTimes(shape: Shape, shapes: Shapes, above: readonly Shape[] = []): boolean {
  if (above.includes(shape)) return false;
  const within = (name: string) => {
    const inner = shapes[name];
    return inner !== undefined && hasTimes(inner, shapes, [...above, shape]);
  };
  if (shape.type === 'structure') return Object.values(shape.members).some((member) => within(member.shape));
  return shape.type === 'list' ? within(shape.member) : shape.type === 'timestamp';
}
