import { createApi } from '../dist/api/api.js';
import { listen } from '../dist/api/http-server.js';
import { parseJson } from '../dist/core/expression/json.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';

/** The same protocol code; the handler only parses each payload and answers. */
const nothing = () => {};
const log = { debug: nothing, info: nothing, warn: nothing, error: console.error };
const handlers = {
  BatchPutMessage: ({ messages }) => {
    for (const { payload } of messages)
      if (!parseJson(payload.toString('utf8')).ok) throw new Error('no JSON');
    return { BatchPutMessageErrorEntries: [] };
  },
};
const api = createApi({ handlers: () => handlers, limits: DEFAULT_LIMITS, log });
await listen(
  { host: '127.0.0.1', port: Number(process.argv[2]) },
  (request, response) => void api(request, response),
);
process.on('SIGTERM', () => process.exit(0));
