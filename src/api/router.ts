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
  /** By path, then by method; each list is in order of the operations. */
  readonly #literal = new Map<string, Map<string, Route[]>>();
  readonly #templates: readonly Template[];

  constructor(operations: readonly Operation[]) {
    this.#templates = operations.map((operation) => ({ operation, segments: segmentsOf(operation.path) }));
    for (const { operation, segments } of this.#templates) {
      if (segments.some(isMember)) continue;
      const path = `/${segments.join('/')}`;
      for (const each of [path, `${path}/`]) {
        const methods = this.#literal.get(each) ?? new Map<string, Route[]>();
        const { method } = operation;
        methods.set(method, [...(methods.get(method) ?? []), { operation, path: {} }]);
        this.#literal.set(each, methods);
      }
    }
  }

  /** Whether a call is an operation without members in its path. */
  owns(method: string, path: string): boolean {
    return this.#literal.get(path)?.has(method) ?? false;
  }

  /**
   * `path` is as received, percent-encoded and without the query. When two services have the same call, `serviceOf`
   * returns the signing name of the intended one; otherwise the first is used.
   */
  find(method: string, path: string, serviceOf: () => string | undefined = () => undefined): RouteResult {
    const routes = this.#literal.get(path)?.get(method);
    const literal = routes?.[0];
    if (routes !== undefined && literal !== undefined) {
      if (routes.length === 1) return literal;
      const service = serviceOf();
      return routes.find(({ operation }) => operation.signingName === service) ?? literal;
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
