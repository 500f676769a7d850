import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { type EvaluationEvent, useEvents } from '../api/events.ts';
import { inputQuery, routingsQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { DeleteButton } from '../components/delete-button.tsx';
import { LiveState } from '../components/live.tsx';
import { Failed, Loading } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { clockText, Time } from '../components/time.tsx';
import { say } from '../components/toast.tsx';
import { SendForm } from '../messages/send-form.tsx';

const route = getRouteApi('/inputs/$input');
const MOST_SHOWN = 200;

/** One input: its attributes, what it feeds, its messages as they come, and a form to send one. */
export function Input() {
  const { input: inputName } = route.useParams();
  const { data, error, isPending, refetch } = useQuery(inputQuery(inputName));
  const maySend = useMay('iotevents:BatchPutMessage');
  return (
    <>
      <PageHead title={inputName} crumbs={<Link to="/inputs">Inputs</Link>}>
        {data !== undefined && <Delete inputName={inputName} />}
      </PageHead>
      {isPending && <Loading what="Loading the input" />}
      {error !== null && data === undefined && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && (
        <div className="columns">
          <Tail inputName={inputName} />
          <div className="stack">
            {maySend && (
              <Panel title="Send a message">
                <SendForm inputName={inputName} />
              </Panel>
            )}
            <Panel title="Input">
              <dl className="facts">
                <dt>Description</dt>
                <dd>{data.inputConfiguration?.inputDescription ?? '–'}</dd>
                <dt>Attributes</dt>
                <dd>
                  <ul>
                    {data.inputDefinition?.attributes.map(({ jsonPath }) => (
                      <li key={jsonPath}>
                        <code>{jsonPath}</code>
                      </li>
                    ))}
                  </ul>
                </dd>
                <dt>Feeds</dt>
                <dd>
                  <Routings inputName={inputName} />
                </dd>
                <dt>Last update</dt>
                <dd>
                  <Time at={(data.inputConfiguration?.lastUpdateTime ?? 0) * 1000} />
                </dd>
              </dl>
            </Panel>
          </div>
        </div>
      )}
    </>
  );
}

function Routings({ inputName }: { readonly inputName: string }) {
  const { data } = useQuery(routingsQuery(inputName));
  if (data === undefined) return '–';
  if (data.length === 0) return 'No model yet';
  return (
    <ul>
      {data.map(({ name = '', arn = '' }) => (
        <li key={arn}>
          {arn.includes(':alarmModel/') ? (
            <Link to="/alarms" search={{ model: name }}>
              {name}
            </Link>
          ) : (
            <Link to="/models/$model" params={{ model: name }}>
              {name}
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Messages as they are evaluated, newest first. A message that feeds two models is shown once for each. */
function Tail({ inputName }: { readonly inputName: string }) {
  const [events, setEvents] = useState<readonly EvaluationEvent[]>([]);
  const [skipped, setSkipped] = useState(0);
  const [paused, setPaused] = useState(false);
  const state = useEvents(
    { inputName },
    {
      onEvents: (next) => setEvents((before) => [...next.toReversed(), ...before].slice(0, MOST_SHOWN)),
      onSkipped: (count) => setSkipped((before) => before + count),
    },
    !paused,
  );
  return (
    <Panel
      title="Live tail"
      flush
      actions={
        <>
          {!paused && <LiveState state={state} skipped={skipped} />}
          <button type="button" className="button small" onClick={() => setPaused(!paused)}>
            {paused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
            {paused ? 'Go on' : 'Pause'}
          </button>
        </>
      }
    >
      {events.length === 0 ? (
        <p className="body soft">Messages appear here as models evaluate them.</p>
      ) : (
        <ol className="feed" aria-label="Messages">
          {events.map((event) => (
            <li key={event.id}>
              <time className="soft small-text number" dateTime={new Date(event.at).toISOString()}>
                {clockText(event.at)}
              </time>
              <div className="grow">
                <code className="wrap small-text">
                  {event.trigger.type === 'Message' ? event.trigger.payload : ''}
                </code>
                <div className="small-text wrap">
                  {event.kind === 'detector' ? (
                    <Link
                      to="/models/$model/detector"
                      params={{ model: event.modelName }}
                      search={event.keyValue === undefined ? {} : { key: event.keyValue }}
                    >
                      {event.modelName} {event.keyValue}
                    </Link>
                  ) : (
                    `${event.modelName} ${event.keyValue ?? ''}`
                  )}
                  <span className="soft">
                    {event.from === undefined || event.from === event.to
                      ? ` in ${event.to}`
                      : `: ${event.from} → ${event.to}`}
                  </span>
                </div>
              </div>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Delete({ inputName }: { readonly inputName: string }) {
  const may = useMay('iotevents:DeleteInput');
  const queries = useQueryClient();
  const navigate = useNavigate();
  if (!may) return null;
  const confirm = async () => {
    await call('DeleteInput', { inputName });
    say(`Input ${inputName} was deleted`);
    await queries.invalidateQueries({ queryKey: ['inputs'] });
    await navigate({ to: '/inputs' });
  };
  return (
    <DeleteButton name={inputName} onConfirm={confirm}>
      <p>Messages on it will be refused. An input that a model reads cannot be deleted.</p>
    </DeleteButton>
  );
}
