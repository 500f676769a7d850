import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { EvaluationEvent } from '../api/events.ts';
import { useEvents } from '../api/events.ts';
import { recentQuery } from '../api/history.ts';
import { overviewQuery } from '../api/overview.ts';
import { modelQuery } from '../api/queries.ts';
import { LiveState } from '../components/live.tsx';
import { Panel } from '../components/page.tsx';
import { clockText } from '../components/time.tsx';
import { ModelGraph } from '../graph/model-graph.tsx';

const route = getRouteApi('/models/$model');
const MOST_SHOWN = 50;

/** The model as it runs: how many detectors are in each state, and transitions as they happen. */
export function ModelLive() {
  const { model } = route.useParams();
  const { data } = useQuery(modelQuery(model));
  const { data: overview } = useQuery(overviewQuery);
  const [fired, setFired] = useState<ReadonlyMap<string, number>>(new Map());
  const [live, setLive] = useState<readonly EvaluationEvent[]>([]);
  const { data: remembered = [] } = useQuery(recentQuery(model));
  const [skipped, setSkipped] = useState(0);
  const state = useEvents(
    { detectorModelName: model },
    {
      onEvents: (next) => {
        const places = next.flatMap(({ trace }) =>
          trace.transition === undefined ? [] : [trace.transition.place],
        );
        if (places.length > 0)
          setFired((before) => {
            const after = new Map(before);
            for (const place of places) after.set(place, (after.get(place) ?? 0) + 1);
            return after;
          });
        const shown = next.filter(isNews);
        if (shown.length > 0) setLive((before) => [...shown.toReversed(), ...before].slice(0, MOST_SHOWN));
      },
      onSkipped: (count) => setSkipped((before) => before + count),
    },
  );
  const events = [
    ...live,
    ...remembered.filter((event) => isNews(event) && !live.some(({ id }) => id === event.id)),
  ]
    .slice(0, MOST_SHOWN)
    .sort((a, b) => b.id - a.id);
  const definition = data?.detectorModelDefinition;
  const figures = overview?.models.find(({ kind, name }) => kind === 'detector' && name === model);
  if (definition === undefined) return null;
  const counts = Object.fromEntries(
    definition.states.map(({ stateName }) => [stateName, figures?.states[stateName] ?? 0]),
  );
  return (
    <div className="columns">
      <Panel title="Live" actions={<LiveState state={state} skipped={skipped} />} flush>
        <ModelGraph
          label={`Graph of ${model}`}
          definition={definition}
          counts={figures === undefined ? undefined : counts}
          fired={fired}
        />
      </Panel>
      <Panel title="As it happens" flush>
        {events.length === 0 ? (
          <p className="body soft">
            Transitions, new detectors and failures appear here as they happen. Send a message to an input to
            see one.
          </p>
        ) : (
          <ol className="feed" aria-label="Latest events">
            {events.map((event) => (
              <FeedEntry key={event.id} event={event} />
            ))}
          </ol>
        )}
      </Panel>
    </div>
  );
}

/** An evaluation that only left things as they were is for the detector's own page. */
function isNews({ from, trace }: EvaluationEvent): boolean {
  return (
    from === undefined ||
    trace.transition !== undefined ||
    trace.actions.some(
      ({ problem, actionExecutionId }) => problem !== undefined || actionExecutionId !== undefined,
    )
  );
}

function FeedEntry({ event }: { readonly event: EvaluationEvent }) {
  const { modelName, keyValue, from, to, trace, at } = event;
  const problems = trace.actions.filter(({ problem }) => problem !== undefined).length;
  const sent = trace.actions.filter(({ actionExecutionId }) => actionExecutionId !== undefined).length;
  return (
    <li>
      <time className="soft small-text number" dateTime={new Date(at).toISOString()}>
        {clockText(at)}
      </time>
      <div className="grow">
        <Link
          to="/models/$model/detector"
          params={{ model: modelName }}
          search={keyValue === undefined ? {} : { key: keyValue }}
          className="wrap"
        >
          {keyValue ?? modelName}
        </Link>
        <div className="small-text wrap">
          {trace.transition === undefined
            ? from === undefined
              ? `created in ${to}`
              : `acted in ${to}`
            : `${trace.transition.from} → ${trace.transition.to}`}
          {trace.transition !== undefined && <span className="soft"> by {trace.transition.eventName}</span>}
          {sent > 0 && <span className="soft">, {sent === 1 ? '1 action' : `${sent} actions`}</span>}
          {problems > 0 && <strong>, {problems === 1 ? '1 problem' : `${problems} problems`}</strong>}
        </div>
      </div>
    </li>
  );
}
