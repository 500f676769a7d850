import { invalid } from '../wire/errors.ts';

/** The target of a request: the path as received, percent-encoded, and the text after `?`. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Splits a request's target; of an absolute one, only path and query are used. */
export function parseTarget(url: string): Target {
  const absolute = /^https?:\/\/[^/?]*/i.exec(url);
  const target = absolute === null ? url : url.slice(absolute[0].length);
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  return { path: path === '' ? '/' : path, query: question < 0 ? '' : target.slice(question + 1) };
}

const NONE: Readonly<URLSearchParams> = new URLSearchParams();

/** The query's parameters, not to be changed; throws InvalidRequestException for an ambiguous query. */
export function parseQuery(query: string): URLSearchParams {
  if (query.includes('%')) {
    try {
      decodeURIComponent(query);
    } catch {
      throw invalid('The query is not percent-encoded UTF-8');
    }
  }
  return query === '' ? NONE : new URLSearchParams(query);
}
