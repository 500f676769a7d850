import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus, SearchX, TriangleAlert, Workflow } from 'lucide-react';
import { overviewQuery } from '../api/overview.ts';
import { modelsQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { PageHead } from '../components/page.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { Shares } from '../components/shares.tsx';
import { TableFrame } from '../components/table-frame.tsx';
import { Time } from '../components/time.tsx';
import { draftNames } from '../editor/draft.ts';

const route = getRouteApi('/models');

/** All detector models, with where their detectors are. */
export function Models() {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, isPending, refetch } = useQuery(modelsQuery);
  const shown = (data ?? []).filter(({ detectorModelName = '', detectorModelDescription = '' }) =>
    `${detectorModelName} ${detectorModelDescription}`.toLowerCase().includes(q.toLowerCase()),
  );
  const mayCreate = useMay('iotevents:CreateDetectorModel');
  const create = mayCreate && (
    <Link to="/models/new" className="button primary">
      <Plus aria-hidden="true" />
      New detector model
    </Link>
  );
  return (
    <>
      <PageHead title="Detector models">{create}</PageHead>
      <Drafts />
      {data !== undefined && data.length > 0 && (
        <SearchBox
          label="Search detector models"
          value={q}
          onChange={(text) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })}
        />
      )}
      <div className="panel">
        {isPending && <Loading what="Loading detector models" />}
        {error !== null && data === undefined && <Failed error={error} retry={() => void refetch()} />}
        {data?.length === 0 && (
          <Empty icon={Workflow} title="No detector models yet" action={create}>
            A detector model says which states something can be in, and what leads from one to the next.
          </Empty>
        )}
        {data !== undefined && data.length > 0 && shown.length === 0 && (
          <Empty icon={SearchX} title="No detector model fits the search">
            Neither a name nor a description has “{q}” in it.
          </Empty>
        )}
        {shown.length > 0 && <Table models={shown} />}
      </div>
    </>
  );
}

/** Models that are in this browser only. */
function Drafts() {
  const { data: names = [] } = useQuery({ queryKey: ['drafts'], queryFn: draftNames, gcTime: 0 });
  const { data: models } = useQuery(modelsQuery);
  if (models === undefined) return null;
  const published = new Set(models.map(({ detectorModelName }) => detectorModelName));
  const unpublished = names.filter((name) => !published.has(name));
  if (unpublished.length === 0) return null;
  return (
    <div className="banner">
      <span>Drafts in this browser:</span>
      {unpublished.map((name) => (
        <Link key={name} to="/drafts/$model" params={{ model: name }}>
          {name}
        </Link>
      ))}
    </div>
  );
}

interface TableProps {
  readonly models: readonly {
    readonly detectorModelName?: string;
    readonly detectorModelDescription?: string;
  }[];
}

function Table({ models }: TableProps) {
  const { data } = useQuery(overviewQuery);
  const figures = new Map(
    data?.models.filter(({ kind }) => kind === 'detector').map((each) => [each.name, each]),
  );
  return (
    <TableFrame label="Detector models">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="numeric">
              Detectors
            </th>
            <th scope="col" style={{ minWidth: '12rem', width: '28%' }}>
              By state
            </th>
            <th scope="col" className="numeric">
              Evaluations
            </th>
            <th scope="col">Errors</th>
            <th scope="col">Last evaluation</th>
            <th scope="col">Version</th>
          </tr>
        </thead>
        <tbody>
          {models.map(({ detectorModelName: name = '', detectorModelDescription }) => {
            const own = figures.get(name);
            return (
              <tr key={name}>
                <td style={{ maxWidth: 'min(20rem, 46vw)' }}>
                  <Link to="/models/$model" params={{ model: name }} className="main">
                    <strong>{name}</strong>
                  </Link>
                  {detectorModelDescription !== undefined && (
                    <div className="soft small-text truncate" title={detectorModelDescription}>
                      {detectorModelDescription}
                    </div>
                  )}
                </td>
                <td className="numeric">{own?.count.toLocaleString('en') ?? '–'}</td>
                <td>{own === undefined ? '–' : <Shares counts={Object.entries(own.states)} legend />}</td>
                <td className="numeric">
                  {own === undefined ? (
                    '–'
                  ) : (
                    <>
                      {own.evaluations.toLocaleString('en')}
                      <div className="soft small-text nowrap">
                        {own.lastMinute.toLocaleString('en')} a minute
                      </div>
                    </>
                  )}
                </td>
                <td>
                  {own !== undefined && own.errors > 0 ? (
                    <Badge tone="bad" icon={TriangleAlert}>
                      {own.errors.toLocaleString('en')}
                    </Badge>
                  ) : (
                    <span className="soft">None</span>
                  )}
                </td>
                <td>
                  <Time at={own === undefined || own.lastEvaluation === 0 ? undefined : own.lastEvaluation} />
                </td>
                <td className="number">{own?.version ?? '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}
