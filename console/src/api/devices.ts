import { queryOptions } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { TopicMessage } from '../../../src/api/devices/topic-tail.ts';
import type { ConnectedClient, Departure } from '../../../src/ingest/mqtt/clients.ts';
import type { BrokerFigures } from '../../../src/ingest/mqtt/metrics.ts';
import { own } from './call.ts';
import { follow, gather, type StreamHandlers, type StreamState } from './events.ts';

export type { TopicMessage } from '../../../src/api/devices/topic-tail.ts';
export type { ConnectedClient, Departure } from '../../../src/ingest/mqtt/clients.ts';

/** What `GET /_tripline/devices` answers. */
export type Devices =
  | { readonly broker: 'none' }
  | { readonly broker: 'external'; readonly status: string }
  | {
      readonly broker: 'embedded';
      readonly status: string;
      readonly figures: BrokerFigures;
      readonly count: number;
      readonly clients: readonly ConnectedClient[];
      readonly departures: readonly Departure[];
    };

/** Milliseconds between two looks at who is connected. */
const LOOK_AGAIN = 2000;

export const devicesQuery = queryOptions({
  queryKey: ['devices'],
  queryFn: ({ signal }) => own<Devices>('GET', 'devices', {}, undefined, signal),
  refetchInterval: LOOK_AGAIN,
});

export interface TopicHandlers {
  /** Several at once, oldest first. */
  readonly onMessages: (messages: readonly TopicMessage[]) => void;
  readonly onSkipped: StreamHandlers['onSkipped'];
  readonly onRefused: (error: Error) => void;
}

/** Follows what is published to the topics of a filter while the screen is there; not without a filter. */
export function useTopics(filter: string | undefined, handlers: TopicHandlers): StreamState {
  const latest = useRef(handlers);
  latest.current = handlers;
  const [state, setState] = useState<StreamState>('connecting');
  useEffect(() => {
    if (filter === undefined) return;
    const abort = new AbortController();
    setState('connecting');
    const gathered = gather<TopicMessage>((messages) => latest.current.onMessages(messages), abort.signal);
    void follow(
      '/_tripline/topics',
      { filter },
      {
        onEvent: ({ type, data }) => {
          if (type === 'message') gathered(JSON.parse(data) as TopicMessage);
          if (type === 'sampled')
            latest.current.onSkipped?.((JSON.parse(data) as { skipped: number }).skipped);
        },
        onState: setState,
        onRefused: (error) => latest.current.onRefused(error),
      },
      abort.signal,
    );
    return () => abort.abort();
  }, [filter]);
  return state;
}
