import { invalid } from '../wire/errors.ts';

/** What a request asks for: the path as it came, percent-encoded, and the text after `?`. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Takes a request's target apart; one that names scheme and host is read as its path. */
export function parseTarget(url: string): Target {
  const absolute = /^https?:\/\/[^/?]*/i.exec(url);
  const target = absolute === null ? url : url.slice(absolute[0].length);
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  return { path: path === '' ? '/' : path, query: question < 0 ? '' : target.slice(question + 1) };
}

/** The query's members; throws InvalidRequestException for what would be read as something else. */
export function parseQuery(query: string): URLSearchParams {
  if (query.includes('%')) {
    try {
      decodeURIComponent(query);
    } catch {
      throw invalid('The query is not percent-encoded UTF-8');
    }
  }
  return new URLSearchParams(query);
}
