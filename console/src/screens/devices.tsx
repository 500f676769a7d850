import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Lock, RadioTower, Unplug } from 'lucide-react';
import { useState } from 'react';
import { type ConnectedClient, type Departure, devicesQuery } from '../api/devices.ts';
import { useMay } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { TableFrame } from '../components/table-frame.tsx';
import { Time } from '../components/time.tsx';
import { TopicTail } from '../devices/topic-tail.tsx';

/** Clients of the table; a search finds the others. */
const MOST_SHOWN = 500;

/** Who is connected by MQTT, who has gone, and what is published. */
export function Devices() {
  const { data, error, isPending, refetch } = useQuery(devicesQuery);
  const mayWatch = useMay('tripline:WatchTopics');
  return (
    <>
      <PageHead
        title="Devices"
        badges={data?.broker === 'embedded' && <Badge icon={RadioTower}>{data.count} connected</Badge>}
      />
      {isPending && <Loading what="Loading the devices" />}
      {error !== null && data === undefined && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data?.broker === 'none' && (
        <div className="panel">
          <Empty icon={RadioTower} title="There is no MQTT broker">
            The server listens for devices with <code>--mqtt-port 1883</code>, or takes part in another broker
            with <code>--mqtt-url</code>. What is published over HTTP is shown below.
          </Empty>
        </div>
      )}
      {data?.broker === 'external' && (
        <Panel title="External broker">
          <p className="wrap">{data.status}</p>
          <p className="soft">
            It does not tell who is connected to it. What the topic rules subscribe to there is shown below.
          </p>
        </Panel>
      )}
      {data?.broker === 'embedded' && (
        <div className="columns">
          <Clients clients={data.clients} count={data.count} />
          <Gone departures={data.departures} figures={data.figures} />
        </div>
      )}
      {data !== undefined && mayWatch && <TopicTail />}
    </>
  );
}

function Clients({
  clients,
  count,
}: {
  readonly clients: readonly ConnectedClient[];
  readonly count: number;
}) {
  const [search, setSearch] = useState('');
  const found = clients.filter(({ clientId, principal, address }) =>
    [clientId, principal, address].some((text) => text.includes(search)),
  );
  return (
    <Panel
      title="Connected"
      flush
      actions={count > 0 && <SearchBox label="Search clients" value={search} onChange={setSearch} />}
    >
      {count === 0 ? (
        <Empty icon={RadioTower} title="No device is connected">
          A device connects to the MQTT port of this server. <Link to="/rules">Topic rules</Link> say what
          becomes of its messages.
        </Empty>
      ) : (
        <TableFrame label="Connected clients">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Client</th>
                <th scope="col">Address</th>
                <th scope="col">Connected</th>
                <th scope="col">Session</th>
                <th scope="col">Subscriptions</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, MOST_SHOWN).map((client) => (
                <ClientRow key={client.clientId} client={client} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {found.length > MOST_SHOWN && (
        <p className="body soft">
          {(found.length - MOST_SHOWN).toLocaleString('en')} more: search for them by a part of their name.
        </p>
      )}
    </Panel>
  );
}

function ClientRow({ client }: { readonly client: ConnectedClient }) {
  const { clientId, principal, address, isEncrypted, connectedAt, isClean, subscriptions } = client;
  return (
    <tr>
      <td className="main">
        <span className="wrap">{clientId}</span>
        {principal !== '' && <div className="soft small-text wrap">{principal}</div>}
      </td>
      <td>
        <span className="mono">{address}</span>{' '}
        {isEncrypted && (
          <Badge tone="good" icon={Lock}>
            TLS
          </Badge>
        )}
      </td>
      <td>
        <Time at={connectedAt} />
      </td>
      <td>{isClean ? 'Clean' : 'Durable'}</td>
      <td>
        {subscriptions.length === 0 ? (
          <span className="soft">None</span>
        ) : (
          <ul>
            {subscriptions.map((filter) => (
              <li key={filter}>
                <code className="wrap">{filter}</code>
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

const REASONS: Readonly<Record<Departure['reason'], string>> = {
  CLIENT_INITIATED_DISCONNECT: 'disconnected',
  CONNECTION_LOST: 'lost its connection',
  MQTT_KEEP_ALIVE_TIMEOUT: 'was silent for too long',
  DUPLICATE_CLIENTID: 'was replaced by another connection of its name',
  CLIENT_ERROR: 'broke the protocol',
  AUTH_ERROR: 'lost its permission',
  SERVER_INITIATED_DISCONNECT: 'was disconnected by the server',
  SERVER_ERROR: 'was disconnected by an error of the server',
};

interface GoneProps {
  readonly departures: readonly Departure[];
  readonly figures: {
    readonly sessions: number;
    readonly queuedMessages: number;
    readonly retainedMessages: number;
  };
}

function Gone({ departures, figures }: GoneProps) {
  return (
    <div className="stack">
      <Panel title="Broker">
        <dl className="facts">
          <dt>Durable sessions</dt>
          <dd className="number">{figures.sessions.toLocaleString('en')}</dd>
          <dt>Queued messages</dt>
          <dd className="number">{figures.queuedMessages.toLocaleString('en')}</dd>
          <dt>Retained messages</dt>
          <dd className="number">{figures.retainedMessages.toLocaleString('en')}</dd>
        </dl>
      </Panel>
      <Panel title="Recently disconnected" flush>
        {departures.length === 0 ? (
          <p className="body soft">Nobody since the server was started.</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
          <ol className="feed" aria-label="Recently disconnected" tabIndex={0}>
            {departures.map(({ clientId, at, reason }) => (
              <li key={`${clientId} ${at}`}>
                <Unplug aria-hidden="true" className="feed-icon" />
                <div className="grow">
                  <strong className="wrap">{clientId}</strong>
                  <div className="small-text">
                    {REASONS[reason]}, <Time at={at} />
                  </div>
                </div>
              </li>
            ))}
          </ol>
        )}
      </Panel>
    </div>
  );
}
