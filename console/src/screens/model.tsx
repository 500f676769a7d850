import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { call } from '../api/call.ts';
import { modelQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { DeleteButton } from '../components/delete-button.tsx';
import { saveFile } from '../components/files.ts';
import { Failed, Loading } from '../components/notice.tsx';
import { PageHead } from '../components/page.tsx';
import { say } from '../components/toast.tsx';

const route = getRouteApi('/models/$model');

/** What the tabs of one detector model have in common. */
export function Model() {
  const { model } = route.useParams();
  const { data, error, refetch } = useQuery(modelQuery(model));
  const configuration = data?.detectorModelConfiguration;
  return (
    <>
      <PageHead
        title={model}
        crumbs={<Link to="/models">Detector models</Link>}
        badges={
          configuration !== undefined && (
            <>
              <Badge>Version {configuration.detectorModelVersion}</Badge>
              <Badge>{configuration.key === undefined ? 'One detector' : `Key ${configuration.key}`}</Badge>
              {configuration.evaluationMethod === 'SERIAL' && <Badge>Serial</Badge>}
            </>
          )
        }
      >
        {data !== undefined && (
          <button
            type="button"
            className="button"
            onClick={() => saveFile(`${model}.json`, JSON.stringify({ detectorModel: data }, undefined, 2))}
          >
            <Download aria-hidden="true" />
            Export JSON
          </button>
        )}
        {data !== undefined && <Delete model={model} />}
      </PageHead>
      <nav className="tabs" aria-label="Detector model">
        <Link to="/models/$model" params={{ model }} activeOptions={{ exact: true }}>
          Live
        </Link>
        <Link to="/models/$model/edit" params={{ model }}>
          Edit
        </Link>
        <Link to="/models/$model/simulate" params={{ model }}>
          Simulate
        </Link>
        <Link to="/models/$model/detectors" params={{ model }}>
          Detectors
        </Link>
        <Link to="/models/$model/definition" params={{ model }}>
          Definition
        </Link>
      </nav>
      {data === undefined && error === null && <Loading what="Loading the detector model" />}
      {data === undefined && error !== null && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && <Outlet />}
    </>
  );
}

function Delete({ model }: { readonly model: string }) {
  const may = useMay('iotevents:DeleteDetectorModel');
  const queries = useQueryClient();
  const navigate = useNavigate();
  if (!may) return null;
  const confirm = async () => {
    await call('DeleteDetectorModel', { detectorModelName: model });
    say(`Detector model ${model} was deleted`);
    await queries.invalidateQueries({ queryKey: ['models'] });
    await navigate({ to: '/models' });
  };
  return (
    <DeleteButton name={model} onConfirm={confirm}>
      <p>
        All versions of the detector model go, and all of its detectors with their variables and timers. This
        cannot be undone.
      </p>
    </DeleteButton>
  );
}
