import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Evaluations } from './evaluations.ts';

/** The path on which a worker streams events to fronts, one JSON line each: `EvaluationLine`. */
export const STREAM_PATH = '/tripline/evaluations';

/** Bytes that may wait for a slow front; further lines are dropped. */
const MOST_WAITING = 8 * 1024 * 1024;

/** Answers `GET /tripline/evaluations?since=…&traces=…&states=…` with lines until the front disconnects. */
export function evaluationStream(
  evaluations: Evaluations,
): (request: Http2ServerRequest, response: Http2ServerResponse) => void {
  return ({ url, stream }, response) => {
    const { searchParams } = new URL(url, 'http://worker');
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('\n');
    const end = evaluations.watch(
      {
        traces: searchParams.get('traces') === 'true',
        keepsStates: searchParams.get('states') === 'true',
        write: (line) => {
          if (!stream.destroyed && stream.writableLength < MOST_WAITING) response.write(line);
        },
      },
      Number(searchParams.get('since') ?? Date.now()),
    );
    stream.once('close', end);
  };
}
