import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { BellRing, Keyboard, SearchX } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { AlarmDetails } from '../alarms/alarm-details.tsx';
import { AlarmList } from '../alarms/alarm-list.tsx';
import { DeedDialog } from '../alarms/deed-dialog.tsx';
import { DEEDS, type Deed, PERMISSION_OF, POSSIBLE } from '../alarms/deeds.ts';
import { idOf, inboxOf, URGENCY } from '../alarms/inbox.ts';
import { LABELS } from '../alarms/labels.ts';
import { alarmsQuery, type InboxAlarm } from '../api/queries.ts';
import { useSession } from '../app/session.ts';
import { labelOf } from '../components/badge.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { PageHead } from '../components/page.tsx';
import { SearchBox } from '../components/search-box.tsx';

const route = getRouteApi('/alarms');

export function Alarms() {
  const { model, state, q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, isPending, refetch } = useQuery(alarmsQuery);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState(0);
  const [deed, setDeed] = useState<Deed>();
  const [help, setHelp] = useState(false);
  const allowed = new Set<string>(useSession()?.allowed);
  const shown = useMemo(() => inboxOf(data?.alarms ?? [], { model, state, q }), [data, model, state, q]);
  const place = Math.min(current, shown.length - 1);
  const focused = shown[place];
  const chosen = shown.filter((alarm) => marked.has(idOf(alarm)));
  const subjects = chosen.length > 0 ? chosen : focused === undefined ? [] : [focused];
  const search = (change: Record<string, string | undefined>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const mayDo = (each: Deed) =>
    allowed.has(PERMISSION_OF[each]) &&
    subjects.some(({ stateName = '' }) => POSSIBLE[each].includes(stateName));
  const mark = (alarm: InboxAlarm) => {
    const next = new Set(marked);
    if (!next.delete(idOf(alarm))) next.add(idOf(alarm));
    setMarked(next);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const found = DEEDS.find((each) => LABELS[each][1] === event.key);
    if (event.key === 'j' || event.key === 'ArrowDown') setCurrent(Math.min(place + 1, shown.length - 1));
    else if (event.key === 'k' || event.key === 'ArrowUp') setCurrent(Math.max(place - 1, 0));
    else if (event.key === 'x' && focused !== undefined) mark(focused);
    else if (event.key === '?') setHelp(true);
    else if (found !== undefined && mayDo(found)) setDeed(found);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <PageHead title="Alarms">
        <button type="button" className="button quiet" onClick={() => setHelp(true)}>
          <Keyboard aria-hidden="true" />
          Shortcuts
        </button>
      </PageHead>
      {data !== undefined && data.models.length > 0 && (
        <div className="row">
          <SearchBox
            label="Search alarms"
            value={q}
            onChange={(text) => search({ q: text === '' ? undefined : text })}
          />
          <Choice
            label="Alarm model"
            all="All alarm models"
            value={model}
            values={data.models}
            onChange={(next) => search({ model: next })}
          />
          <Choice
            label="State"
            all="All states"
            value={state}
            values={URGENCY}
            textOf={labelOf}
            onChange={(next) => search({ state: next })}
          />
        </div>
      )}
      {isPending && <Loading what="Loading alarms" />}
      {error !== null && data === undefined && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && shown.length === 0 && (
        <div className="panel">
          {data.alarms.length === 0 ? (
            <Empty
              icon={BellRing}
              title="No alarms yet"
              action={
                <Link to="/alarm-models" className="button">
                  Alarm models
                </Link>
              }
            >
              An alarm model compares an attribute of an input with a threshold. Its first message creates the
              alarm.
            </Empty>
          ) : (
            <Empty icon={SearchX} title="No alarm fits">
              Change the search, the alarm model or the state to see others.
            </Empty>
          )}
        </div>
      )}
      {shown.length > 0 && (
        <div className="columns">
          <section className="panel" aria-label="Alarms">
            <div className="toolbar" role="toolbar" aria-label="For the chosen alarms">
              {DEEDS.map((each) => {
                const [label, key, Icon] = LABELS[each];
                return (
                  <button
                    key={each}
                    type="button"
                    className="button small"
                    disabled={!mayDo(each)}
                    aria-keyshortcuts={key}
                    onClick={() => setDeed(each)}
                  >
                    <Icon aria-hidden="true" />
                    {label}
                  </button>
                );
              })}
              <span className="soft small-text" role="status">
                {chosen.length > 0
                  ? `${chosen.length} chosen`
                  : `${shown.length.toLocaleString('en')} alarms`}
              </span>
            </div>
            <AlarmList
              alarms={shown}
              current={place}
              marked={marked}
              onMark={mark}
              onCurrent={setCurrent}
              onKey={onKey}
            />
          </section>
          {focused !== undefined && <AlarmDetails alarm={focused} />}
        </div>
      )}
      {deed !== undefined && (
        <DeedDialog
          deed={deed}
          alarms={subjects.filter(({ stateName = '' }) => POSSIBLE[deed].includes(stateName))}
          onClose={() => setDeed(undefined)}
          onDone={() => {
            setDeed(undefined);
            setMarked(new Set());
            // What was done lets alarms sink; the most urgent one is next.
            setCurrent(0);
          }}
        />
      )}
      <Dialog title="Shortcuts in the list of alarms" isOpen={help} onClose={() => setHelp(false)}>
        <dl className="facts">
          <dt>
            <kbd>j</kbd> <kbd>k</kbd>
          </dt>
          <dd>Next and previous alarm</dd>
          <dt>
            <kbd>x</kbd>
          </dt>
          <dd>Choose the alarm, to do something to several at once</dd>
          {DEEDS.map((each) => (
            <Shortcut key={each} deed={each} />
          ))}
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>These shortcuts</dd>
        </dl>
      </Dialog>
    </>
  );
}

function Shortcut({ deed }: { readonly deed: Deed }) {
  const [label, key] = LABELS[deed];
  return (
    <>
      <dt>
        <kbd>{key}</kbd>
      </dt>
      <dd>{label}</dd>
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly value: string | undefined;
  readonly values: readonly string[];
  readonly textOf?: (value: string) => string;
  readonly onChange: (value: string | undefined) => void;
}

function Choice({ label, all, value, values, textOf = (each) => each, onChange }: ChoiceProps) {
  return (
    <select
      className="select"
      aria-label={label}
      value={value ?? ''}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
    >
      <option value="">{all}</option>
      {values.map((each) => (
        <option key={each} value={each}>
          {textOf(each)}
        </option>
      ))}
    </select>
  );
}
