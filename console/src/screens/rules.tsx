import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CirclePause, Plus, Route } from 'lucide-react';
import { useMay } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { PageHead } from '../components/page.tsx';
import { TableFrame } from '../components/table-frame.tsx';
import { Time } from '../components/time.tsx';
import { rulesQuery } from '../rules/rule.ts';

export function Rules() {
  const { data, error, isPending, refetch } = useQuery(rulesQuery);
  const mayCreate = useMay('iot:CreateTopicRule');
  const create = mayCreate && (
    <Link to="/rules/new" className="button primary">
      <Plus aria-hidden="true" />
      New topic rule
    </Link>
  );
  return (
    <>
      <PageHead title="Topic rules">{create}</PageHead>
      <div className="panel">
        {isPending && <Loading what="Loading topic rules" />}
        {error !== null && data === undefined && <Failed error={error} retry={() => void refetch()} />}
        {data?.length === 0 && (
          <Empty icon={Route} title="No topic rules yet" action={create}>
            A topic rule takes MQTT messages by their topic, shapes them with a SQL statement and puts them on
            an input.
          </Empty>
        )}
        {data !== undefined && data.length > 0 && (
          <TableFrame label="Topic rules">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Topic filter</th>
                  <th scope="col">Status</th>
                  <th scope="col">Created</th>
                </tr>
              </thead>
              <tbody>
                {data.map(({ ruleName, topicPattern, ruleDisabled = false, createdAt }) => (
                  <tr key={ruleName}>
                    <td>
                      <Link to="/rules/$rule" params={{ rule: ruleName }}>
                        <strong>{ruleName}</strong>
                      </Link>
                    </td>
                    <td>
                      <code className="wrap">{topicPattern ?? '–'}</code>
                    </td>
                    <td>
                      {ruleDisabled ? (
                        <Badge icon={CirclePause}>Disabled</Badge>
                      ) : (
                        <Badge tone="good" icon={CircleCheck}>
                          Enabled
                        </Badge>
                      )}
                    </td>
                    <td>
                      <Time at={createdAt === undefined ? undefined : createdAt * 1000} />
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
