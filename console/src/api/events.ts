import { useEffect, useRef, useState } from 'react';
import type { EvaluationEvent } from '../../../src/api/events/evaluation-event.ts';
import { attempt, errorOf } from './call.ts';

export type { EvaluationEvent } from '../../../src/api/events/evaluation-event.ts';

export interface EventFilter {
  readonly detectorModelName?: string | undefined;
  readonly alarmModelName?: string | undefined;
  readonly keyValue?: string | undefined;
  readonly inputName?: string | undefined;
}

export interface StreamHandlers {
  /** Several events at once, oldest first. */
  readonly onEvents: (events: readonly EvaluationEvent[]) => void;
  /** So many evaluations were not sent, because there were too many. */
  readonly onSkipped?: (count: number) => void;
}

/** `refused`: the access key may not follow it. */
export type StreamState = 'connecting' | 'live' | 'lost' | 'refused';

/** Milliseconds. */
const GATHER = 200;
const FIRST_RETRY = 500;
const LONGEST_RETRY = 10_000;

/** Reads the server's evaluations until `signal` aborts, and connects again where it was cut off. */
export async function readEvents(
  filter: EventFilter,
  { onEvents, onSkipped, onState }: StreamHandlers & { readonly onState: (state: StreamState) => void },
  signal: AbortSignal,
): Promise<void> {
  const gathered = gather(onEvents, signal);
  const onEvent = ({ type, data }: ServerEvent) => {
    if (type === 'evaluation') gathered(JSON.parse(data) as EvaluationEvent);
    if (type === 'sampled') onSkipped?.((JSON.parse(data) as { skipped: number }).skipped);
  };
  await follow('/_tripline/events', filter, { onEvent, onState }, signal);
}

/** Hands over what arrives in between together, so that a screen is not drawn for each. */
export function gather<T>(onItems: (items: readonly T[]) => void, signal: AbortSignal): (item: T) => void {
  let gathered: T[] = [];
  const hand = setInterval(() => {
    if (gathered.length === 0) return;
    const items = gathered;
    gathered = [];
    onItems(items);
  }, GATHER);
  signal.addEventListener('abort', () => clearInterval(hand));
  return (item) => gathered.push(item);
}

export interface FollowHandlers {
  readonly onEvent: (event: ServerEvent) => void;
  readonly onState: (state: StreamState) => void;
  /** The server does not give this stream: it is not tried again. */
  readonly onRefused?: (error: Error) => void;
}

/**
 * Follows a stream of the server until `signal` aborts, and connects again where it was cut off. With fetch in place of
 * EventSource, which cannot sign its requests.
 */
export async function follow(
  path: string,
  parameters: object,
  { onEvent, onState, onRefused }: FollowHandlers,
  signal: AbortSignal,
): Promise<void> {
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  let lastId: string | undefined;
  let retry = FIRST_RETRY;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
      const response = await attempt({ method: 'GET', path, query, body: undefined, headers, signal });
      if (response.status === 400 || response.status === 403) {
        const refusal = errorOf(response, await response.text());
        onState('refused');
        onRefused?.(refusal);
        return;
      }
      if (!response.ok || response.body === null) throw errorOf(response, await response.text());
      onState('live');
      retry = FIRST_RETRY;
      for await (const event of parse(response.body)) {
        if (event.id !== undefined) lastId = event.id;
        onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      // The connection is tried again below; the screen says that it is lost.
      console.debug('The stream of events was cut off', error);
    }
    if (signal.aborted) return;
    onState('lost');
    await new Promise((resolve) => setTimeout(resolve, retry));
    retry = Math.min(LONGEST_RETRY, retry * 2);
  }
}

export interface ServerEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** The events of a body of type text/event-stream. */
export async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const members = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
        }),
      );
      const type = members.get('event');
      if (type !== undefined) yield { type, id: members.get('id'), data: members.get('data') ?? '' };
    }
  }
}

/** Follows the server's events while the screen is there. The handlers may change from one drawing to the next. */
export function useEvents(filter: EventFilter, handlers: StreamHandlers, enabled = true): StreamState {
  const latest = useRef(handlers);
  latest.current = handlers;
  const [state, setState] = useState<StreamState>('connecting');
  const { detectorModelName, alarmModelName, keyValue, inputName } = filter;
  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    void readEvents(
      { detectorModelName, alarmModelName, keyValue, inputName },
      {
        onEvents: (events) => latest.current.onEvents(events),
        onSkipped: (count) => latest.current.onSkipped?.(count),
        onState: setState,
      },
      abort.signal,
    );
    return () => abort.abort();
  }, [detectorModelName, alarmModelName, keyValue, inputName, enabled]);
  return state;
}
