import { invalid } from '../wire/errors.ts';
import type { Operation } from '../wire/service/table.ts';

/** An operation found, with the members that stand in its path. */
export interface Route {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
}

/** `ALLOWED` lists the methods when the path is known with others only. */
export type RouteResult = Route | { readonly operation: undefined; readonly allowed: readonly string[] };

interface Template {
  readonly operation: Operation;
  readonly segments: readonly string[];
}

/** Finds operations by method and path, with or without a slash at the end (spec: api 1). */
export class Router {
  readonly #literal = new Map<string, Route>();
  readonly #templates: readonly Template[];

  constructor(operations: readonly Operation[]) {
    this.#templates = operations.map((operation) => ({ operation, segments: segmentsOf(operation.path) }));
    for (const { operation, segments } of this.#templates) {
      if (segments.some(isMember)) continue;
      const key = `${operation.method} /${segments.join('/')}`;
      this.#literal.set(key, { operation, path: {} });
      this.#literal.set(`${key}/`, { operation, path: {} });
    }
  }

  /** `path` as it came, percent-encoded and without the query. */
  find(method: string, path: string): RouteResult {
    const literal = this.#literal.get(`${method} ${path}`);
    if (literal !== undefined) return literal;
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
