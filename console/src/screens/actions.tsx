import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { RotateCw, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { own } from '../api/call.ts';
import { overviewQuery } from '../api/overview.ts';
import { useMay } from '../app/session.ts';
import { labelOf, Status } from '../components/badge.tsx';
import { CodeView } from '../components/code-view.tsx';
import { Confirm, Dialog } from '../components/dialog.tsx';
import { Empty, Failed, Loading, Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { TableFrame } from '../components/table-frame.tsx';
import { absoluteText, Time } from '../components/time.tsx';
import { say } from '../components/toast.tsx';
import { TargetTable } from './overview.tsx';

const route = getRouteApi('/actions');
const STATUSES = ['FAILED', 'PENDING', 'DELIVERED', 'RECORDED'];
const PAGE = 100;

/** An action execution as `GET /_tripline/actions` lists it. */
interface Execution {
  readonly actionExecutionId: string;
  readonly type: string;
  readonly detectorModelName?: string;
  readonly alarmModelName?: string;
  readonly keyValue?: string;
  readonly eventName: string;
  readonly status: string;
  readonly attempts: number;
  readonly createdAt: number;
  readonly lastError?: string;
  readonly target?: string;
  readonly request?: object;
}

interface Page {
  readonly actions: readonly Execution[];
  readonly nextToken?: string;
}

export function Actions() {
  const { status, model, id } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['actions', status ?? '', model ?? ''],
      queryFn: ({ pageParam, signal }) => {
        const query = { status, detectorModelName: model, maxResults: String(PAGE), nextToken: pageParam };
        return own<Page>('GET', 'actions', query, undefined, signal);
      },
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextToken }) => nextToken,
      refetchInterval: 5000,
    });
  const { data: overview } = useQuery(overviewQuery);
  const isFiltered = status !== undefined || model !== undefined;
  const actions = data?.pages.flatMap((page) => page.actions);
  const search = (change: Record<string, string | undefined>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <>
      <PageHead title="Actions">{status === 'FAILED' && actions?.length !== 0 && <ForAll />}</PageHead>
      <div className="row">
        <select
          className="select"
          aria-label="Status"
          value={status ?? ''}
          onChange={({ target }) => search({ status: target.value === '' ? undefined : target.value })}
        >
          <option value="">All statuses</option>
          {STATUSES.map((each) => (
            <option key={each} value={each}>
              {labelOf(each)}
            </option>
          ))}
        </select>
        <select
          className="select"
          aria-label="Detector model"
          value={model ?? ''}
          onChange={({ target }) => search({ model: target.value === '' ? undefined : target.value })}
        >
          <option value="">All models</option>
          {overview?.models
            .filter(({ kind }) => kind === 'detector')
            .map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
        </select>
      </div>
      <div className="panel">
        {isPending && <Loading what="Loading actions" />}
        {error !== null && actions === undefined && <Failed error={error} retry={() => void refetch()} />}
        {actions?.length === 0 && (
          <Empty icon={Send} title={isFiltered ? 'No action fits' : 'No actions yet'}>
            {isFiltered
              ? 'Change the status or the model to see others.'
              : 'What detectors and alarms send to other services is listed here, with the request as it was or would be sent.'}
          </Empty>
        )}
        {actions !== undefined && actions.length > 0 && (
          <Table actions={actions} onOpen={(each) => search({ id: each.actionExecutionId })} />
        )}
        {hasNextPage && (
          <div className="body row">
            <button
              type="button"
              className="button"
              disabled={isFetchingNextPage}
              onClick={() => void fetchNextPage()}
            >
              Show more
            </button>
          </div>
        )}
      </div>
      {overview !== undefined && overview.targets.length > 0 && (
        <Panel title="Targets" flush>
          <TargetTable targets={overview.targets} now={overview.now} />
        </Panel>
      )}
      {id !== undefined && <Details id={id} onClose={() => search({ id: undefined })} />}
    </>
  );
}

interface TableProps {
  readonly actions: readonly Execution[];
  readonly onOpen: (action: Execution) => void;
}

function Table({ actions, onOpen }: TableProps) {
  return (
    <TableFrame label="Actions">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Action</th>
            <th scope="col">Detector or alarm</th>
            <th scope="col">Reason</th>
            <th scope="col" className="numeric">
              Attempts
            </th>
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {actions.map((action) => (
            <tr key={action.actionExecutionId}>
              <td>
                <Status of={action.status} />
              </td>
              <td>
                <button type="button" className="link" onClick={() => onOpen(action)}>
                  {action.type}
                </button>
                <div className="soft small-text">{action.eventName}</div>
              </td>
              <td>
                <Source action={action} />
              </td>
              <td className="small-text" style={{ maxWidth: '26rem' }}>
                <span className="clamp">{action.lastError ?? '–'}</span>
              </td>
              <td className="numeric">{action.attempts}</td>
              <td>
                <Time at={action.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Source({ action }: { readonly action: Execution }) {
  const { detectorModelName, alarmModelName, keyValue } = action;
  if (detectorModelName !== undefined)
    return (
      <>
        <Link
          to="/models/$model/detector"
          params={{ model: detectorModelName }}
          search={keyValue === undefined ? {} : { key: keyValue }}
          preload={false}
        >
          {keyValue ?? detectorModelName}
        </Link>
        <div className="soft small-text">{detectorModelName}</div>
      </>
    );
  return (
    <>
      {keyValue ?? alarmModelName}
      <div className="soft small-text">{alarmModelName}</div>
    </>
  );
}

function Details({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [failure, setFailure] = useState<unknown>();
  const mayRedrive = useMay('tripline:RedriveActions');
  const mayDiscard = useMay('tripline:DiscardActions');
  const { data, error, isPending } = useQuery({
    queryKey: ['action', id],
    queryFn: ({ signal }) => own<{ action: Execution }>('GET', `actions/${id}`, {}, undefined, signal),
    refetchInterval: 2000,
  });
  const run = async (deed: 'redrive' | 'discard') => {
    setFailure(undefined);
    try {
      await own('POST', `actions/${id}/${deed}`);
      say(deed === 'redrive' ? 'The action is sent again' : 'The action was discarded');
      await queries.invalidateQueries({ queryKey: ['actions'] });
      if (deed === 'discard') onClose();
      else await queries.invalidateQueries({ queryKey: ['action', id] });
    } catch (refusal) {
      setFailure(refusal);
    }
  };
  const action = data?.action;
  const isFailed = action?.status === 'FAILED';
  return (
    <Dialog
      title="Action execution"
      isOpen
      onClose={onClose}
      wide
      footer={
        action !== undefined && (
          <>
            {mayDiscard && (isFailed || action.status === 'PENDING') && (
              <button type="button" className="button danger" onClick={() => void run('discard')}>
                <Trash2 aria-hidden="true" />
                Discard
              </button>
            )}
            {mayRedrive && isFailed && action.request !== undefined && (
              <button type="button" className="button primary" onClick={() => void run('redrive')}>
                <RotateCw aria-hidden="true" />
                Redrive
              </button>
            )}
          </>
        )
      }
    >
      {isPending && <Loading />}
      {error !== null && action === undefined && <Failed error={error} />}
      {action !== undefined && (
        <>
          <dl className="facts">
            <dt>Status</dt>
            <dd>
              <Status of={action.status} />
            </dd>
            <dt>Action</dt>
            <dd>
              {action.type} of {action.eventName}
            </dd>
            <dt>From</dt>
            <dd>
              <Source action={action} />
            </dd>
            {action.target !== undefined && (
              <>
                <dt>Target</dt>
                <dd className="mono">{action.target}</dd>
              </>
            )}
            <dt>Attempts</dt>
            <dd>{action.attempts}</dd>
            <dt>Created</dt>
            <dd>{absoluteText(action.createdAt)}</dd>
            {action.lastError !== undefined && (
              <>
                <dt>Reason</dt>
                <dd>{action.lastError}</dd>
              </>
            )}
          </dl>
          {action.request === undefined ? (
            <p className="soft">No request could be built, so there is nothing to send again.</p>
          ) : (
            <CodeView label="Request" text={JSON.stringify(action.request, undefined, 2)} />
          )}
          <Problem error={failure} />
        </>
      )}
    </Dialog>
  );
}

/** Redrives or discards everything that has failed and fits the filter. */
function ForAll() {
  const { model } = route.useSearch();
  const [deed, setDeed] = useState<'redrive' | 'discard'>();
  const queries = useQueryClient();
  const mayRedrive = useMay('tripline:RedriveActions');
  const mayDiscard = useMay('tripline:DiscardActions');
  const confirm = async () => {
    const counts = await own<Record<string, number>>('POST', `actions/${deed}`, { detectorModelName: model });
    say(
      `${Object.values(counts)[0] ?? 0} actions ${deed === 'redrive' ? 'are sent again' : 'were discarded'}`,
    );
    await queries.invalidateQueries({ queryKey: ['actions'] });
  };
  const which = model === undefined ? 'All failed actions' : `All failed actions of ${model}`;
  return (
    <>
      {mayRedrive && (
        <button type="button" className="button" onClick={() => setDeed('redrive')}>
          <RotateCw aria-hidden="true" />
          Redrive all
        </button>
      )}
      {mayDiscard && (
        <button type="button" className="button danger" onClick={() => setDeed('discard')}>
          <Trash2 aria-hidden="true" />
          Discard all
        </button>
      )}
      <Confirm
        title={deed === 'discard' ? 'Discard all failed actions?' : 'Redrive all failed actions?'}
        isOpen={deed !== undefined}
        onClose={() => setDeed(undefined)}
        verb={deed === 'discard' ? 'Discard all' : 'Redrive all'}
        danger={deed === 'discard'}
        onConfirm={confirm}
      >
        <p>
          {deed === 'discard'
            ? `${which} are removed for good and never sent.`
            : `${which} are sent again, in their order, to where they were going.`}
        </p>
      </Confirm>
    </>
  );
}
