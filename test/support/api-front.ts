import { createApi, type Handlers } from '../../src/api/api.ts';
import { createFront, type Front } from '../../src/api/front.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { quietLog } from './quiet.ts';

/** The AWS API with these handlers, without the server's own routes. Other operations fail when they are called. */
export function apiFront(
  handlers: Partial<Handlers> | (() => Partial<Handlers>),
  { limits = DEFAULT_LIMITS, log = quietLog } = {},
): Front {
  const built = typeof handlers === 'function' ? handlers : () => handlers;
  const api = createApi({ handlers: built as () => Handlers });
  return createFront({ api, findRoute: () => undefined, allowedHosts: [], limits, log });
}
