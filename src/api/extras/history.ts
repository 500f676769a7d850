import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Host } from '../../runtime/host.ts';
import { invalid, ServiceError } from '../../wire/errors.ts';
import type { Route } from '../front.ts';

const PARAMETERS = ['from', 'to', 'inputName'];

/**
 * `GET /_tripline/history?from=&to=&inputName=`: the accepted messages, oldest first, one JSON line each. `parseTime`
 * parses a time as users write it into milliseconds since the epoch; undefined for an invalid one.
 */
export function historyRoute(host: () => Host, parseTime: (text: string) => number | undefined): Route {
  return {
    access: 'tripline:GetHistory',
    answer: async (_request, response, query) => {
      for (const name of query.keys()) {
        if (!PARAMETERS.includes(name))
          throw invalid(`There is no parameter ${name}; there are ${PARAMETERS.join(', ')}`);
      }
      const time = (name: string) => {
        const text = query.get(name);
        if (text === null) return undefined;
        const read = parseTime(text);
        if (read !== undefined) return read;
        throw invalid(
          `Value '${text}' at '${name}' is not a time: write 2025-01-31T12:00:00Z, or a number since the epoch`,
        );
      };
      const [from, to, inputName] = [time('from'), time('to'), query.get('inputName')];
      const lines = host().history({
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(inputName !== null && { inputName }),
      });
      if (lines === undefined) {
        const message = 'This server keeps no message history: start it with --history';
        throw new ServiceError('ResourceNotFoundException', message);
      }
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
      await pipeline(Readable.from(chunksOf(lines)), response);
    },
  };
}

/** Approximate number of characters sent in one piece. */
const CHUNK = 64 * 1024;

/** The lines with their line ends, grouped into pieces. */
async function* chunksOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
