import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Inbox, Plus, SearchX } from 'lucide-react';
import { inputsQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { PageHead } from '../components/page.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { TableFrame } from '../components/table-frame.tsx';
import { Time } from '../components/time.tsx';

const route = getRouteApi('/inputs');

export function Inputs() {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, isPending, refetch } = useQuery(inputsQuery);
  const mayCreate = useMay('iotevents:CreateInput');
  const shown = (data ?? []).filter(({ inputName = '', inputDescription = '' }) =>
    `${inputName} ${inputDescription}`.toLowerCase().includes(q.toLowerCase()),
  );
  const create = mayCreate && (
    <Link to="/inputs/new" className="button primary">
      <Plus aria-hidden="true" />
      New input
    </Link>
  );
  return (
    <>
      <PageHead title="Inputs">{create}</PageHead>
      {data !== undefined && data.length > 0 && (
        <SearchBox
          label="Search inputs"
          value={q}
          onChange={(text) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })}
        />
      )}
      <div className="panel">
        {isPending && <Loading what="Loading inputs" />}
        {error !== null && data === undefined && <Failed error={error} retry={() => void refetch()} />}
        {data?.length === 0 && (
          <Empty icon={Inbox} title="No inputs yet" action={create}>
            Messages come in on an input, which names the attributes that models may read.
          </Empty>
        )}
        {data !== undefined && data.length > 0 && shown.length === 0 && (
          <Empty icon={SearchX} title="No input fits the search">
            Neither a name nor a description has “{q}” in it.
          </Empty>
        )}
        {shown.length > 0 && (
          <TableFrame label="Inputs">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Description</th>
                  <th scope="col">Last update</th>
                </tr>
              </thead>
              <tbody>
                {shown.map(({ inputName = '', inputDescription, lastUpdateTime }) => (
                  <tr key={inputName}>
                    <td>
                      <Link to="/inputs/$input" params={{ input: inputName }}>
                        <strong>{inputName}</strong>
                      </Link>
                    </td>
                    <td className="soft">{inputDescription ?? '–'}</td>
                    <td>
                      <Time at={lastUpdateTime === undefined ? undefined : lastUpdateTime * 1000} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
      </div>
    </>
  );
}
