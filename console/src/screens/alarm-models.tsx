import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Gauge, Plus } from 'lucide-react';
import { alarmModelsQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { PageHead } from '../components/page.tsx';
import { TableFrame } from '../components/table-frame.tsx';
import { Time } from '../components/time.tsx';

/** All alarm models. */
export function AlarmModels() {
  const { data, error, isPending, refetch } = useQuery(alarmModelsQuery);
  const mayCreate = useMay('iotevents:CreateAlarmModel');
  const create = mayCreate && (
    <Link to="/alarm-models/new" className="button primary">
      <Plus aria-hidden="true" />
      New alarm model
    </Link>
  );
  return (
    <>
      <PageHead title="Alarm models">{create}</PageHead>
      <div className="panel">
        {isPending && <Loading what="Loading alarm models" />}
        {error !== null && data === undefined && <Failed error={error} retry={() => void refetch()} />}
        {data?.length === 0 && (
          <Empty icon={Gauge} title="No alarm models yet">
            An alarm model compares an attribute of an input with a threshold, for each value of its key.
          </Empty>
        )}
        {data !== undefined && data.length > 0 && (
          <TableFrame label="Alarm models">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Alarms</th>
                  <th scope="col">Created</th>
                </tr>
              </thead>
              <tbody>
                {data.map(({ alarmModelName: model = '', alarmModelDescription, creationTime }) => (
                  <tr key={model}>
                    <td className="main">
                      <Link to="/alarm-models/$model" params={{ model }}>
                        {model}
                      </Link>
                      {alarmModelDescription !== undefined && (
                        <div className="soft small-text wrap">{alarmModelDescription}</div>
                      )}
                    </td>
                    <td>
                      <Link to="/alarms" search={{ model }}>
                        Show its alarms
                      </Link>
                    </td>
                    <td>
                      {creationTime === undefined ? <Badge>–</Badge> : <Time at={creationTime * 1000} />}
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
