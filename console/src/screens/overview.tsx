import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, TriangleAlert, Workflow } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { type Overview as Figures, overviewQuery } from '../api/overview.ts';
import { Badge } from '../components/badge.tsx';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { Shares } from '../components/shares.tsx';
import { TableFrame } from '../components/table-frame.tsx';
import { durationText, Time } from '../components/time.tsx';

const Rates = lazy(() => import('./rates.tsx'));

export function Overview() {
  const { data, error, refetch } = useQuery(overviewQuery);
  return (
    <>
      <PageHead
        title="Overview"
        badges={data !== undefined && <Health figures={data} stale={error !== null} />}
      />
      {data === undefined && error === null && <Loading />}
      {data === undefined && error !== null && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && (
        <>
          <Cards figures={data} />
          <Panel title="Last ten minutes">
            <Suspense fallback={<Loading />}>
              <Rates samples={data.samples} />
            </Suspense>
          </Panel>
          <Models figures={data} />
          <Targets figures={data} />
          <p className="soft small-text">
            Tripline {data.version}, running for {durationText(data.now - data.startedAt)}
          </p>
        </>
      )}
    </>
  );
}

function Health({ figures, stale }: { readonly figures: Figures; readonly stale: boolean }) {
  const down = figures.targets.filter(({ isDown }) => isDown).length;
  if (stale)
    return (
      <Badge tone="bad" icon={TriangleAlert}>
        The server does not answer
      </Badge>
    );
  if (down > 0)
    return (
      <Badge tone="warn" icon={TriangleAlert}>
        {down === 1 ? 'One target is down' : `${down} targets are down`}
      </Badge>
    );
  return (
    <Badge tone="good" icon={CircleCheck}>
      Healthy
    </Badge>
  );
}

function Cards({ figures }: { readonly figures: Figures }) {
  const detectors = figures.models.filter(({ kind }) => kind === 'detector');
  const alarms = figures.models.filter(({ kind }) => kind === 'alarm');
  const active = alarms.reduce((sum, { states }) => sum + (states.ACTIVE ?? 0), 0);
  const pending = figures.targets.reduce((sum, target) => sum + target.pending, 0);
  return (
    <div className="cards">
      <Card
        label="Detectors"
        value={total(detectors)}
        hint={`of ${plural(detectors.length, 'model')}`}
        to="/models"
      />
      <Card label="Active alarms" value={active} hint={`of ${plural(total(alarms), 'alarm')}`} to="/alarms" />
      <Card
        label="Actions pending"
        value={pending}
        hint={`${figures.failedActions.toLocaleString('en')} failed`}
        to="/actions"
      />
      <Card label="Messages queued" value={figures.queued} hint="waiting for evaluation" to="/inputs" />
    </div>
  );
}

interface CardProps {
  readonly label: string;
  readonly value: number;
  readonly hint: string;
  readonly to: '/models' | '/alarms' | '/actions' | '/inputs';
}

function Card({ label, value, hint, to }: CardProps) {
  return (
    <section className="panel card" aria-label={label}>
      <Link to={to}>{label}</Link>
      <span className="figure">{value.toLocaleString('en')}</span>
      <span className="soft small-text">{hint}</span>
    </section>
  );
}

function Models({ figures }: { readonly figures: Figures }) {
  const busiest = figures.models.toSorted((a, b) => b.lastEvaluation - a.lastEvaluation).slice(0, 8);
  if (busiest.length === 0)
    return (
      <div className="panel">
        <Empty
          icon={Workflow}
          title="Nothing to detect yet"
          action={
            <Link to="/models/new" className="button primary">
              New detector model
            </Link>
          }
        >
          Create a detector model from a template, or import one that ran on AWS IoT Events.
        </Empty>
      </div>
    );
  return (
    <Panel title="Most recently active" flush>
      <TableFrame label="Most recently active models">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" style={{ width: '35%' }}>
                By state
              </th>
              <th scope="col" className="numeric">
                Errors
              </th>
              <th scope="col">Last evaluation</th>
            </tr>
          </thead>
          <tbody>
            {busiest.map(({ kind, name, states, errors, lastEvaluation }) => (
              <tr key={`${kind} ${name}`}>
                <td className="main">
                  {kind === 'detector' ? (
                    <Link to="/models/$model" params={{ model: name }}>
                      {name}
                    </Link>
                  ) : (
                    <Link to="/alarms" search={{ model: name }}>
                      {name}
                    </Link>
                  )}
                </td>
                <td>
                  <Shares counts={Object.entries(states)} legend isAlarm={kind === 'alarm'} />
                </td>
                <td className="numeric">{errors.toLocaleString('en')}</td>
                <td>
                  <Time at={lastEvaluation === 0 ? undefined : lastEvaluation} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Panel>
  );
}

function Targets({ figures }: { readonly figures: Figures }) {
  const waiting = figures.targets.filter(({ pending, isDown }) => pending > 0 || isDown);
  if (waiting.length === 0) return null;
  return (
    <Panel title="Targets with deliveries waiting" flush>
      <TargetTable targets={waiting} now={figures.now} />
    </Panel>
  );
}

export function TargetTable({
  targets,
  now,
}: {
  readonly targets: Figures['targets'];
  readonly now: number;
}) {
  return (
    <TableFrame label="Targets">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Target</th>
            <th scope="col">Breaker</th>
            <th scope="col" className="numeric">
              Pending
            </th>
            <th scope="col" className="numeric">
              Under way
            </th>
            <th scope="col">Oldest waits</th>
          </tr>
        </thead>
        <tbody>
          {targets.map(({ target, pending, inFlight, isDown, oldestSince }) => (
            <tr key={target}>
              <td className="mono wrap" style={{ minWidth: '11rem' }}>
                {target}
              </td>
              <td>
                {isDown ? (
                  <Badge tone="bad" icon={TriangleAlert}>
                    Open: target is down
                  </Badge>
                ) : (
                  <Badge tone="good" icon={CircleCheck}>
                    Closed
                  </Badge>
                )}
              </td>
              <td className="numeric">{pending.toLocaleString('en')}</td>
              <td className="numeric">{inFlight}</td>
              <td>{oldestSince === undefined ? '–' : durationText(now - oldestSince)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function total(models: Figures['models']): number {
  return models.reduce((sum, { count }) => sum + count, 0);
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
