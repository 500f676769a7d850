import type { RequestListener } from 'node:http';
import { createApi, type Handlers } from '../../src/api/api.ts';
import { createFront } from '../../src/api/front.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { quietLog } from './quiet.ts';

/** The AWS API with these handlers, without the server's own routes. Other operations fail when they are called. */
export function apiListener(
  handlers: Partial<Handlers> | (() => Partial<Handlers>),
  { limits = DEFAULT_LIMITS, log = quietLog } = {},
): RequestListener {
  const built = typeof handlers === 'function' ? handlers : () => handlers;
  const api = createApi({ handlers: built as () => Handlers, limits });
  return createFront({ api, findRoute: () => undefined, allowedHosts: [], limits, log }).listener;
}
