import { invalid } from '../wire/errors.ts';
import type { Operation } from '../wire/service/table.ts';

/** The operation found, with the members in its path. */
export interface Route {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
}

/** `allowed` lists the methods of a known path when the method does not match. */
export type RouteResult = Route | { readonly operation: undefined; readonly allowed: readonly string[] };

interface Template {
  readonly operation: Operation;
  readonly segments: readonly string[];
}

/** Finds operations by method and path, with or without a trailing slash (reference: api 1). */
export class Router {
  readonly #literal = new Map<string, Route[]>();
  readonly #templates: readonly Template[];

  constructor(operations: readonly Operation[]) {
    this.#templates = operations.map((operation) => ({ operation, segments: segmentsOf(operation.path) }));
    for (const { operation, segments } of this.#templates) {
      if (segments.some(isMember)) continue;
      const key = `${operation.method} /${segments.join('/')}`;
      for (const each of [key, `${key}/`])
        this.#literal.set(each, [...(this.#literal.get(each) ?? []), { operation, path: {} }]);
    }
  }

  /**
   * `path` is as received, percent-encoded and without the query. When two services have the same call, `serviceOf`
   * returns the signing name of the intended one; otherwise the first is used.
   */
  find(method: string, path: string, serviceOf: () => string | undefined = () => undefined): RouteResult {
    const [literal, ...others] = this.#literal.get(`${method} ${path}`) ?? [];
    if (literal !== undefined) {
      const service = others.length === 0 ? undefined : serviceOf();
      return others.find(({ operation }) => operation.signingName === service) ?? literal;
    }
    const given = segmentsOf(path);
    const fitting = this.#templates.filter(({ segments }) => fits(segments, given));
    const template = fitting.find(({ operation }) => operation.method === method);
    if (template !== undefined)
      return { operation: template.operation, path: members(template.segments, given) };
    return { operation: undefined, allowed: [...new Set(fitting.map(({ operation }) => operation.method))] };
  }
}

function segmentsOf(path: string): readonly string[] {
  const trimmed = path.endsWith('/') ? path.slice(1, -1) : path.slice(1);
  return trimmed.split('/');
}

function isMember(segment: string): boolean {
  return segment.startsWith('{');
}

function fits(template: readonly string[], given: readonly string[]): boolean {
  return (
    template.length === given.length &&
    template.every((part, index) => isMember(part) || part === given[index])
  );
}

function members(template: readonly string[], given: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    if (isMember(part)) found[part.slice(1, -1)] = decode(given[index] ?? '');
  }
  return found;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid(`The path segment ${segment} is not percent-encoded UTF-8`);
  }
}
