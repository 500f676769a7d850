import type { ServerResponse } from 'node:http';
import type { ExecutionFilter, Outbox } from '../../runtime/outbox.ts';
import { sendJson } from '../answering.ts';
import { invalid } from '../errors.ts';
import { decodeToken, encodeToken } from '../handlers/page.ts';

const STATUSES = ['PENDING', 'DELIVERED', 'RECORDED', 'FAILED'] as const;
const PARAMETERS = ['detectorModelName', 'keyValue', 'status', 'maxResults', 'nextToken'];
const MOST_RESULTS = 250;
const DEFAULT_RESULTS = 100;

/** `GET /_tripline/actions`: action executions, newest first (CONTRACT: HTTP). */
export async function listActions(
  outbox: Outbox,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name)) {
      throw invalid(`There is no parameter ${name}; there are ${PARAMETERS.join(', ')}`);
    }
  }
  const nextToken = query.get('nextToken');
  const page = {
    maxResults: readMaxResults(query.get('maxResults')),
    ...(nextToken !== null && { after: decodeToken(nextToken) }),
  };
  const { actions, next } = await outbox.list(readFilter(query), page);
  sendJson(response, 200, { actions, ...(next !== undefined && { nextToken: encodeToken(next) }) });
}

function readFilter(query: URLSearchParams): ExecutionFilter {
  const detectorModelName = query.get('detectorModelName');
  const keyValue = query.get('keyValue');
  const status = query.get('status');
  const known = STATUSES.find((each) => each === status);
  if (status !== null && known === undefined) {
    throw invalid(`Value '${status}' at 'status' is not one of ${STATUSES.join(', ')}`);
  }
  return {
    ...(detectorModelName !== null && { detectorModelName }),
    ...(keyValue !== null && { keyValue }),
    ...(known !== undefined && { status: known }),
  };
}

function readMaxResults(text: string | null): number {
  if (text === null) return DEFAULT_RESULTS;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MOST_RESULTS) return number;
  throw invalid(`Value '${text}' at 'maxResults' is not a number from 1 to ${MOST_RESULTS}`);
}
