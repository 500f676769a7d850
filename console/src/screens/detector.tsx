import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Pencil, Send, Timer } from 'lucide-react';
import { useEffect, useState } from 'react';
import { call } from '../api/call.ts';
import { type EvaluationEvent, useEvents } from '../api/events.ts';
import { evaluationsQuery } from '../api/history.ts';
import { detectorQuery, modelQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { StateName } from '../components/badge.tsx';
import { CopyCall } from '../components/copy-call.tsx';
import { DeleteButton } from '../components/delete-button.tsx';
import { newId } from '../components/ids.ts';
import { LiveState } from '../components/live.tsx';
import { Failed, Loading } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { absoluteText, durationText, Time, useNow } from '../components/time.tsx';
import { say } from '../components/toast.tsx';
import { VariablesTable } from '../components/variables-table.tsx';
import { ModelGraph } from '../graph/model-graph.tsx';
import { SendDialog } from '../messages/send-dialog.tsx';
import { SetStateDialog } from '../messages/set-state-dialog.tsx';
import { Timeline } from '../trace/timeline.tsx';
import { Why } from '../trace/why.tsx';

const route = getRouteApi('/models/$model/detector');
const MOST_KEPT = 300;

/** One detector: where it is, what it holds, what has happened to it, and why. */
export function Detector() {
  const { model } = route.useParams();
  const { key } = route.useSearch();
  const queries = useQueryClient();
  const described = useQuery(detectorQuery(model, key));
  const { data: modelData } = useQuery(modelQuery(model));
  const history = useQuery(evaluationsQuery(model, key));
  const [live, setLive] = useState<readonly EvaluationEvent[]>([]);
  const [skipped, setSkipped] = useState(0);
  const [chosen, setChosen] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another detector begins with nothing
  useEffect(() => {
    setLive([]);
    setChosen(undefined);
  }, [model, key]);
  const stream = useEvents(
    { detectorModelName: model, keyValue: key },
    {
      onEvents: (next) => {
        setLive((before) => [...before, ...next].slice(-MOST_KEPT));
        void queries.invalidateQueries({ queryKey: detectorQuery(model, key).queryKey });
      },
      onSkipped: (count) => setSkipped((before) => before + count),
    },
  );
  const events = merge(history.data ?? [], live);
  const shown = events.find(({ id }) => id === chosen) ?? events[0];
  const fired = firedOf(live);
  const definition = modelData?.detectorModelDefinition;
  const detector = described.data;
  const stateName = detector?.state?.stateName ?? '';
  const place = definition?.states.findIndex((state) => state.stateName === stateName) ?? -1;
  return (
    <>
      <PageHead
        title={key ?? model}
        crumbs={[
          <Link key="models" to="/models">
            Detector models
          </Link>,
          <Link key="model" to="/models/$model" params={{ model }}>
            {model}
          </Link>,
          <Link key="detectors" to="/models/$model/detectors" params={{ model }}>
            Detectors
          </Link>,
        ]}
        badges={detector !== undefined && <StateName name={stateName} place={place} />}
      >
        <Deeds model={model} keyValue={key} exists={detector !== undefined} />
      </PageHead>
      {described.isPending && <Loading what="Loading the detector" />}
      {described.isError && detector === undefined && (
        <div className="panel">
          <Failed error={described.error} retry={() => void described.refetch()} />
        </div>
      )}
      {detector !== undefined && definition !== undefined && (
        <>
          <div className="columns">
            <Panel title="State" actions={<LiveState state={stream} skipped={skipped} />} flush>
              <ModelGraph
                label={`Graph of ${model}`}
                definition={definition}
                active={stateName}
                fired={fired}
              />
            </Panel>
            <div className="stack">
              <Holds detector={detector} live={live} />
            </div>
          </div>
          <div className="columns even">
            <Panel title="Timeline" flush>
              <Timeline events={events} selected={shown?.id} onSelect={setChosen} />
            </Panel>
            <Panel title="Why did it (not) fire?" className="sticky">
              {shown === undefined ? (
                <p className="soft">
                  The server remembers the last evaluations while it runs. The next message or timer of this
                  detector shows here what was evaluated, and with which values.
                </p>
              ) : (
                <Why event={shown} />
              )}
            </Panel>
          </div>
        </>
      )}
    </>
  );
}

/** What is remembered and what has come since, newest first and each once. */
function merge(remembered: readonly EvaluationEvent[], live: readonly EvaluationEvent[]): EvaluationEvent[] {
  const known = new Set(live.map(({ id }) => id));
  return [...live, ...remembered.filter(({ id }) => !known.has(id))].sort((a, b) => b.id - a.id);
}

function firedOf(events: readonly EvaluationEvent[]): ReadonlyMap<string, number> {
  const fired = new Map<string, number>();
  for (const { trace } of events) {
    if (trace.transition !== undefined)
      fired.set(trace.transition.place, (fired.get(trace.transition.place) ?? 0) + 1);
  }
  return fired;
}

interface HoldsProps {
  readonly detector: {
    readonly state?: {
      readonly variables: readonly { readonly name: string; readonly value: string }[];
      readonly timers: readonly { readonly name: string; readonly timestamp: number }[];
    };
    readonly creationTime?: number;
    readonly lastUpdateTime?: number;
  };
  readonly live: readonly EvaluationEvent[];
}

/** Variables and timers. */
function Holds({ detector, live }: HoldsProps) {
  const { variables = [], timers = [] } = detector.state ?? {};
  const changed = new Map(live.at(-1)?.trace.variables.map(({ name }) => [name, live.at(-1)?.id ?? 0]));
  return (
    <>
      <Panel title="Variables" flush>
        <VariablesTable variables={variables} changedAt={(name) => changed.get(name)} />
      </Panel>
      <Panel title="Timers" flush>
        {timers.length === 0 ? (
          <p className="body soft">No timer is set.</p>
        ) : (
          <ul className="timers">
            {timers.map(({ name, timestamp }) => (
              <TimerRow key={name} name={name} expiresAt={timestamp * 1000} />
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Since">
        <dl className="facts">
          <dt>Created</dt>
          <dd>
            <Time at={seconds(detector.creationTime)} />
          </dd>
          <dt>Last evaluation</dt>
          <dd>
            <Time at={seconds(detector.lastUpdateTime)} />
          </dd>
        </dl>
      </Panel>
    </>
  );
}

function seconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time * 1000;
}

function TimerRow({ name, expiresAt }: { readonly name: string; readonly expiresAt: number }) {
  const now = useNow();
  const left = expiresAt - now;
  return (
    <li title={absoluteText(expiresAt)}>
      <Timer aria-hidden="true" />
      <span className="grow wrap">{name}</span>
      <strong className="number">{left > 0 ? `in ${durationText(left)}` : 'expired'}</strong>
    </li>
  );
}

interface DeedsProps {
  readonly model: string;
  readonly keyValue: string | undefined;
  readonly exists: boolean;
}

/** What can be done to a detector. */
function Deeds({ model, keyValue, exists }: DeedsProps) {
  const [open, setOpen] = useState<'send' | 'set'>();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [maySend, maySet, mayDelete] = [
    useMay('iotevents:BatchPutMessage'),
    useMay('iotevents:BatchUpdateDetector'),
    useMay('iotevents:BatchDeleteDetector'),
  ];
  const close = () => setOpen(undefined);
  const key = keyValue === undefined ? {} : { keyValue };
  const remove = async () => {
    const detectors = [{ messageId: newId(), detectorModelName: model, ...key }];
    const { batchDeleteDetectorErrorEntries: [error] = [] } = await call('BatchDeleteDetector', {
      detectors,
    });
    if (error !== undefined) throw new Error(error.errorMessage);
    say(`Detector ${keyValue ?? model} was deleted`);
    await queries.invalidateQueries({ queryKey: ['detectors', model] });
    await navigate({ to: '/models/$model/detectors', params: { model } });
  };
  return (
    <>
      <CopyCall operation="DescribeDetector" input={{ detectorModelName: model, ...key }} />
      {maySend && (
        <button type="button" className="button primary" onClick={() => setOpen('send')}>
          <Send aria-hidden="true" />
          Send message
        </button>
      )}
      {maySet && exists && (
        <button type="button" className="button" onClick={() => setOpen('set')}>
          <Pencil aria-hidden="true" />
          Set state
        </button>
      )}
      {mayDelete && exists && (
        <DeleteButton name={keyValue ?? model} onConfirm={remove}>
          <p>
            Its state, variables and timers are lost. The next message with this key creates a new detector.
          </p>
          <CopyCall
            operation="BatchDeleteDetector"
            input={{ detectors: [{ messageId: '1', detectorModelName: model, ...key }] }}
          />
        </DeleteButton>
      )}
      {open === 'send' && <SendDialog model={model} keyValue={keyValue} onClose={close} />}
      {open === 'set' && <SetStateDialog model={model} keyValue={keyValue} onClose={close} />}
    </>
  );
}
