import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalid } from '../../wire/errors.ts';
import { sendJson } from '../answering.ts';
import type { FindRoute } from '../front.ts';
import type { EvaluationRecorder, EventFilter, Recorded } from './recorder.ts';

const ACCESS = 'tripline:WatchEvents';
const FILTERS = ['detectorModelName', 'alarmModelName', 'keyValue', 'inputName'];
/** Events a second that one reader gets. */
const RATE = 200;
/** Milliseconds between two signs of life. */
const HEARTBEAT = 15_000;
const MOST_RESULTS = 500;
const DEFAULT_RESULTS = 100;

/**
 * `GET /_tripline/events` streams evaluations as they become durable, as server-sent events:
 *
 * - `evaluation` with an EvaluationEvent; its id, sent again as Last-Event-ID, continues from there;
 * - `sampled` with `{"skipped": n}`: that many evaluations were not sent, because there were too many at once;
 * - `gap`: what came after Last-Event-ID is no longer remembered.
 *
 * `GET /_tripline/evaluations` lists those remembered, newest first. Both take detectorModelName or alarmModelName,
 * keyValue and inputName as filters.
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
          sendJson(response, 200, { evaluations: evaluations.map(({ event }) => event) });
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
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    Connection: 'close',
    // Proxies that buffer would hold events back.
    'X-Accel-Buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  let sent = 0;
  let skipped = 0;
  const write = (recorded: Recorded) => {
    // A reader that does not keep up gets what there is when it does.
    if (sent >= RATE || response.writableNeedDrain) skipped++;
    else {
      sent++;
      response.write(`id: ${recorded.event.id}\nevent: evaluation\ndata: ${recorded.json}\n\n`);
    }
  };
  replay(recorder, request.headers['last-event-id'], filter, response);
  const unsubscribe = recorder.subscribe({
    filter,
    send: (event, json) => write({ event, json }),
    skipped: (count) => {
      skipped += count;
    },
  });
  const second = setInterval(() => {
    sent = 0;
    if (skipped === 0 || response.writableNeedDrain) return;
    response.write(`event: sampled\ndata: {"skipped":${skipped}}\n\n`);
    skipped = 0;
  }, 1000);
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT);
  const forget = recorder.onClose(() => response.end());
  response.on('close', () => {
    unsubscribe();
    forget();
    clearInterval(second);
    clearInterval(heartbeat);
  });
}

/** Sends what has happened since the reader was cut off. */
function replay(
  recorder: EvaluationRecorder,
  lastEventId: string | string[] | undefined,
  filter: EventFilter,
  response: ServerResponse,
): void {
  if (typeof lastEventId !== 'string' || !/^\d+$/.test(lastEventId)) return;
  const last = Number(lastEventId);
  const [oldest] = recorder.remembered({});
  if (oldest === undefined || oldest.event.id > last + 1) response.write('event: gap\ndata: {}\n\n');
  for (const { event, json } of recorder.remembered(filter)) {
    if (event.id > last) response.write(`id: ${event.id}\nevent: evaluation\ndata: ${json}\n\n`);
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
