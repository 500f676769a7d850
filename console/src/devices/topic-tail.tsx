import { Pause, Play } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { type TopicMessage, useTopics } from '../api/devices.ts';
import { LiveState } from '../components/live.tsx';
import { Problem } from '../components/notice.tsx';
import { Panel } from '../components/page.tsx';
import { clockText } from '../components/time.tsx';

const MOST_SHOWN = 200;

interface Shown {
  readonly id: number;
  readonly message: TopicMessage;
}

let lastId = 0;

/** What is published, as it comes; the server sends so many a second, and says how many more there were. */
export function TopicTail() {
  const id = useId();
  const [typed, setTyped] = useState('#');
  const [filter, setFilter] = useState('#');
  const [paused, setPaused] = useState(false);
  const [messages, setMessages] = useState<readonly Shown[]>([]);
  const [skipped, setSkipped] = useState(0);
  const [error, setError] = useState<unknown>();
  const state = useTopics(paused ? undefined : filter, {
    onMessages: (next) =>
      setMessages((before) =>
        [...next.map((message) => ({ id: ++lastId, message })).toReversed(), ...before].slice(0, MOST_SHOWN),
      ),
    onSkipped: (count) => setSkipped((before) => before + count),
    onRefused: setError,
  });
  const follow = (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    setMessages([]);
    setSkipped(0);
    setPaused(false);
    setFilter(typed);
  };
  return (
    <Panel
      title="Live topics"
      flush
      actions={
        <>
          {!paused && error === undefined && <LiveState state={state} skipped={skipped} />}
          <button type="button" className="button small" onClick={() => setPaused(!paused)}>
            {paused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
            {paused ? 'Go on' : 'Pause'}
          </button>
        </>
      }
    >
      <form className="body row" onSubmit={follow}>
        <label htmlFor={id}>Topic filter</label>
        <input
          id={id}
          className="input mono grow"
          spellCheck={false}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <button type="submit" className="button" disabled={typed === ''}>
          Follow
        </button>
      </form>
      {error !== undefined && (
        <div className="body">
          <Problem error={error} />
        </div>
      )}
      {messages.length === 0 ? (
        <p className="body soft">
          Messages on <code>{filter}</code> appear here as they are published. <code>+</code> stands for one
          level of a topic, <code>#</code> for all that follow; topics of <code>$aws</code> must be named.
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
        <ol className="feed" aria-label="Published messages" tabIndex={0}>
          {messages.map(({ id: key, message }) => (
            <Line key={key} message={message} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

const VIA = { mqtt: 'over MQTT', http: 'over HTTP', rule: 'by a topic rule' };

function Line({ message }: { readonly message: TopicMessage }) {
  const { at, topic, payload, encoding, size, via, clientId } = message;
  return (
    <li>
      <time className="soft small-text number" dateTime={new Date(at).toISOString()}>
        {clockText(at)}
      </time>
      <div className="grow">
        <strong className="wrap mono small-text">{topic}</strong>{' '}
        <span className="soft small-text wrap">
          {clientId === undefined ? VIA[via] : `from ${clientId}`}, {size.toLocaleString('en')}{' '}
          {size === 1 ? 'byte' : 'bytes'}
          {encoding === 'base64' && ', no text: shown as base64'}
        </span>
        <div>
          <code className="wrap small-text">{payload}</code>
        </div>
      </div>
    </li>
  );
}
