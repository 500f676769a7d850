import { EXECUTION_STATUSES, EXECUTION_TYPES, type Execution } from '../../runtime/delivery/execution.ts';
import type { ExecutionFilter } from '../../runtime/delivery/history.ts';
import type { Actions } from '../../runtime/host.ts';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import type { OwnAction } from '../auth/actions.ts';
import type { FindRoute } from '../front.ts';
import { decodeToken, encodeToken } from '../handlers/page.ts';

const FILTERS = ['detectorModelName', 'alarmModelName', 'keyValue', 'status', 'type', 'target'];
const PAGING = ['maxResults', 'nextToken'];
const MOST_RESULTS = 250;
const DEFAULT_RESULTS = 100;

type Answer = (executions: Actions, query: URLSearchParams, id: string) => Promise<unknown>;

/** By method and path: the required permission, and the answer. */
const ROUTES: Readonly<Record<string, readonly [access: OwnAction, answer: Answer]>> = {
  'GET /_tripline/actions': ['tripline:ListActions', list],
  'POST /_tripline/actions/redrive': ['tripline:RedriveActions', redriveAll],
  'POST /_tripline/actions/discard': ['tripline:DiscardActions', discardAll],
  'GET /_tripline/actions/{id}': ['tripline:ListActions', one((executions, id) => executions.get(id))],
  'POST /_tripline/actions/{id}/redrive': [
    'tripline:RedriveActions',
    one((executions, id) => executions.redrive(id)),
  ],
  'POST /_tripline/actions/{id}/discard': [
    'tripline:DiscardActions',
    one((executions, id) => executions.discard(id)),
  ],
};

const ID = /^(\/_tripline\/actions\/)(?!(?:redrive|discard)$)([^/]+)(\/[a-z]+)?$/;

/** Routes to view and manage action executions, below `/_tripline/actions`. */
export function actionRoutes(executions: () => Actions): FindRoute {
  return (method, path) => {
    const id = ID.exec(path)?.[2] ?? '';
    const found = ROUTES[`${method} ${path.replace(ID, '$1{id}$3')}`];
    if (found === undefined) return undefined;
    const [access, answer] = found;
    return {
      access,
      answer: async (_request, response, query) => {
        sendJson(response, 200, await answer(executions(), query, id));
      },
    };
  };
}

/** An operation on one execution, without parameters. */
function one(run: (executions: Actions, id: string) => Promise<Execution>): Answer {
  return async (executions, query, id) => {
    refuseOthers(query, []);
    return { action: await run(executions, id) };
  };
}

/** The name of the list in its tokens. */
const LIST = 'actions';

/** Newest first (CONTRACT: HTTP). */
async function list(executions: Actions, query: URLSearchParams): Promise<unknown> {
  refuseOthers(query, [...FILTERS, ...PAGING]);
  const nextToken = query.get('nextToken');
  const page = {
    maxResults: readMaxResults(query.get('maxResults')),
    ...(nextToken && { after: decodeToken(LIST, nextToken) }),
  };
  const { actions, next } = await executions.list(readFilter(query), page);
  return { actions, ...(next !== undefined && { nextToken: encodeToken(LIST, next) }) };
}

async function redriveAll(executions: Actions, query: URLSearchParams): Promise<unknown> {
  refuseOthers(query, FILTERS);
  const { status = 'FAILED', ...filter } = readFilter(query);
  if (status !== 'FAILED')
    throw invalid(`Value '${status}' at 'status' is not FAILED: only that can be sent again`);
  return executions.redriveAll(filter);
}

async function discardAll(executions: Actions, query: URLSearchParams): Promise<unknown> {
  refuseOthers(query, FILTERS);
  const { status = 'FAILED', ...filter } = readFilter(query);
  if (status !== 'FAILED' && status !== 'PENDING')
    throw invalid(`Value '${status}' at 'status' is not one of FAILED, PENDING`);
  return executions.discardAll({ ...filter, status });
}

function refuseOthers(query: URLSearchParams, parameters: readonly string[]): void {
  for (const name of query.keys()) {
    if (parameters.includes(name)) continue;
    const known = parameters.length === 0 ? 'there are none' : `there are ${parameters.join(', ')}`;
    throw invalid(`There is no parameter ${name}; ${known}`);
  }
}

function readFilter(query: URLSearchParams): ExecutionFilter {
  const detectorModelName = query.get('detectorModelName');
  const alarmModelName = query.get('alarmModelName');
  const keyValue = query.get('keyValue');
  const target = query.get('target');
  const status = oneOf(query, 'status', EXECUTION_STATUSES);
  const type = oneOf(query, 'type', EXECUTION_TYPES);
  return {
    ...(detectorModelName !== null && { detectorModelName }),
    ...(alarmModelName !== null && { alarmModelName }),
    ...(keyValue !== null && { keyValue }),
    ...(target !== null && { target }),
    ...(status !== undefined && { status }),
    ...(type !== undefined && { type }),
  };
}

function oneOf<T extends string>(query: URLSearchParams, name: string, allowed: readonly T[]): T | undefined {
  const given = query.get(name);
  const known = allowed.find((each) => each === given);
  if (given !== null && known === undefined)
    throw invalid(`Value '${given}' at '${name}' is not one of ${allowed.join(', ')}`);
  return known;
}

function readMaxResults(text: string | null): number {
  if (text === null) return DEFAULT_RESULTS;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MOST_RESULTS) return number;
  throw invalid(`Value '${text}' at 'maxResults' is not a number from 1 to ${MOST_RESULTS}`);
}
