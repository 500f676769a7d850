import { createApi } from '../dist/api/api.js';
import { createFront } from '../dist/api/front.js';
import { DEFAULT_LIMITS as limits } from '../dist/limits.js';

const nothing = () => {};
export const log = { debug: nothing, info: nothing, warn: nothing, error: console.error };

/** The protocol code of the server with other handlers; other operations fail when they are called. */
export function apiFront(handlers) {
  const api = createApi({ handlers: () => handlers });
  return createFront({ api, findRoute: nothing, allowedHosts: [], limits, log });
}
