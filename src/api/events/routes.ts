import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import type { FindRoute } from '../front.ts';
import { EventStream } from './event-stream.ts';
import type { EvaluationRecorder, EventFilter } from './recorder.ts';

const ACCESS = 'tripline:WatchEvents';
const FILTERS = ['detectorModelName', 'alarmModelName', 'keyValue', 'inputName'];
/** Events sent to one reader in a second. */
const RATE = 200;
const MOST_RESULTS = 500;
const DEFAULT_RESULTS = 100;

/**
 * `GET /_tripline/events` streams evaluations as they become durable, as server-sent events:
 *
 * - `evaluation` with an EvaluationEvent; its id, returned as Last-Event-ID, continues from there;
 * - `sampled` with `{"skipped": n}`: that many evaluations were not sent, because there were too many at once;
 * - `gap`: events after Last-Event-ID are no longer remembered.
 *
 * `GET /_tripline/evaluations` lists the remembered ones, newest first. Both take the filters detectorModelName or
 * alarmModelName, keyValue and inputName.
 */
export function eventRoutes(recorder: EvaluationRecorder): FindRoute {
  return (method, path) => {
    if (method !== 'GET') return undefined;
    if (path === '/_tripline/events')
      return {
        access: ACCESS,
        answer: async (request, response, query) =>
          stream(recorder, request, response, readFilter(query, [])),
      };
    if (path === '/_tripline/evaluations')
      return {
        access: ACCESS,
        answer: async (_request, response, query) => {
          const filter = readFilter(query, ['maxResults']);
          const most = readMaxResults(query.get('maxResults'));
          const evaluations = [...recorder.remembered(filter)].slice(-most).reverse();
          sendJson(response, 200, { evaluations: evaluations.map(({ json }) => JSON.parse(String(json))) });
        },
      };
    return undefined;
  };
}

function stream(
  recorder: EvaluationRecorder,
  request: IncomingMessage,
  response: ServerResponse,
  filter: EventFilter,
): void {
  const events = new EventStream(response, RATE);
  replay(recorder, request.headers['last-event-id'], filter, events);
  const unsubscribe = recorder.subscribe({
    filter,
    send: (id, json) => events.send('evaluation', json, id),
    skipped: (count) => events.skip(count),
  });
  const forget = recorder.onClose(() => events.end());
  events.onClose(() => {
    unsubscribe();
    forget();
  });
}

/** Sends the events since the reader was disconnected. */
function replay(
  recorder: EvaluationRecorder,
  lastEventId: string | string[] | undefined,
  filter: EventFilter,
  events: EventStream,
): void {
  if (typeof lastEventId !== 'string' || !/^\d+$/.test(lastEventId)) return;
  const last = Number(lastEventId);
  const { oldest } = recorder;
  if (oldest === undefined || oldest > last + 1) events.write('gap', '{}');
  for (const { id, json } of recorder.remembered(filter)) {
    if (id > last) events.write('evaluation', String(json), id);
  }
}

function readFilter(query: URLSearchParams, others: readonly string[]): EventFilter {
  for (const name of query.keys()) {
    if (![...FILTERS, ...others].includes(name))
      throw invalid(`There is no parameter ${name}; there are ${[...FILTERS, ...others].join(', ')}`);
  }
  const detectorModelName = query.get('detectorModelName') ?? undefined;
  const alarmModelName = query.get('alarmModelName') ?? undefined;
  if (detectorModelName !== undefined && alarmModelName !== undefined)
    throw invalid('Only one of detectorModelName and alarmModelName may be given');
  const kind =
    alarmModelName !== undefined ? 'alarm' : detectorModelName !== undefined ? 'detector' : undefined;
  return {
    kind,
    modelName: detectorModelName ?? alarmModelName,
    keyValue: query.get('keyValue') ?? undefined,
    inputName: query.get('inputName') ?? undefined,
  };
}

function readMaxResults(text: string | null): number {
  if (text === null) return DEFAULT_RESULTS;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MOST_RESULTS) return number;
  throw invalid(`Value '${text}' at 'maxResults' is not a number from 1 to ${MOST_RESULTS}`);
}
