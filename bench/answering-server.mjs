import { listen } from '../dist/api/http-server.js';
import { parseJson } from '../dist/core/expression/json.js';
import { apiFront } from './api-front.mjs';

/** The same protocol code; the handler only parses each payload and answers. */
const handlers = {
  BatchPutMessage: ({ messages }) => {
    for (const { payload } of messages)
      if (!parseJson(payload.toString('utf8')).ok) throw new Error('no JSON');
    return { BatchPutMessageErrorEntries: [] };
  },
};
const { listener, direct } = apiFront(handlers);
await listen({ host: '127.0.0.1', port: Number(process.argv[2]) }, listener, direct);
process.on('SIGTERM', () => process.exit(0));
