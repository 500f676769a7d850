import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { modelQuery, versionsQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { CodeView } from '../components/code-view.tsx';
import { Failed, Loading } from '../components/notice.tsx';
import { Panel } from '../components/page.tsx';
import { Time } from '../components/time.tsx';

const route = getRouteApi('/models/$model');

/** The model as JSON, what it is configured with, and its versions. */
export function ModelDefinition() {
  const { model } = route.useParams();
  const { data } = useQuery(modelQuery(model));
  const versions = useQuery(versionsQuery(model));
  const { detectorModelConfiguration: configuration, detectorModelDefinition: definition } = data ?? {};
  return (
    <div className="columns">
      <Panel title="Definition">
        <CodeView label="Definition" text={JSON.stringify(definition, undefined, 2)} />
      </Panel>
      <div className="stack">
        <Panel title="Configuration">
          <dl className="facts">
            <dt>Description</dt>
            <dd>{configuration?.detectorModelDescription ?? '–'}</dd>
            <dt>Key</dt>
            <dd>
              {configuration?.key === undefined ? 'None: one detector' : <code>{configuration.key}</code>}
            </dd>
            <dt>Evaluation</dt>
            <dd>{configuration?.evaluationMethod === 'SERIAL' ? 'Serial' : 'Batch'}</dd>
            <dt>Role</dt>
            <dd className="mono">{configuration?.roleArn}</dd>
            <dt>ARN</dt>
            <dd className="mono">{configuration?.detectorModelArn}</dd>
          </dl>
        </Panel>
        <Panel title="Versions" flush>
          {versions.isPending && <Loading />}
          {versions.isError && <Failed error={versions.error} />}
          <table className="table">
            <tbody>
              {versions.data?.map(({ detectorModelVersion, status, lastUpdateTime }) => (
                <tr key={detectorModelVersion}>
                  <td className="number">Version {detectorModelVersion}</td>
                  <td>
                    {status === 'ACTIVE' ? (
                      <Badge tone="good">Active</Badge>
                    ) : (
                      <Badge>{titled(status)}</Badge>
                    )}
                  </td>
                  <td>
                    <Time at={lastUpdateTime === undefined ? undefined : lastUpdateTime * 1000} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      </div>
    </div>
  );
}

function titled(status = ''): string {
  return status.charAt(0) + status.slice(1).toLowerCase();
}
