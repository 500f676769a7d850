import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { BellOff, BellRing, CheckCheck, Keyboard, Moon, RotateCcw, SearchX, ShieldCheck } from 'lucide-react';
import { type FocusEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { parseDuration } from '../../../src/simulate/times.ts';
import { DEEDS, type Deed, doToAlarms, PERMISSION_OF, POSSIBLE } from '../alarms/deeds.ts';
import { signOf } from '../alarms/sign-of.ts';
import { alarmQuery, alarmsQuery, type InboxAlarm } from '../api/queries.ts';
import { useSession } from '../app/session.ts';
import { labelOf, Status } from '../components/badge.tsx';
import { CopyCall } from '../components/copy-call.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Empty, Failed, Loading, Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { Time } from '../components/time.tsx';
import { say } from '../components/toast.tsx';

const route = getRouteApi('/alarms');

/** What needs somebody comes first. */
const URGENCY = ['ACTIVE', 'LATCHED', 'ACKNOWLEDGED', 'SNOOZE_DISABLED', 'NORMAL', 'DISABLED'];
const LABELS: Readonly<Record<Deed, readonly [label: string, key: string, icon: typeof Moon]>> = {
  acknowledge: ['Acknowledge', 'a', CheckCheck],
  snooze: ['Snooze', 's', Moon],
  disable: ['Disable', 'd', BellOff],
  enable: ['Enable', 'e', ShieldCheck],
  reset: ['Reset', 'r', RotateCcw],
};
const SNOOZES = [
  [900, '15 minutes'],
  [3600, '1 hour'],
  [28_800, '8 hours'],
  [86_400, '1 day'],
] as const;
/** The choice of a length that is none of these. */
const OTHER = 'other';

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
            <List
              alarms={shown}
              current={place}
              marked={marked}
              onMark={mark}
              onCurrent={setCurrent}
              onKey={onKey}
            />
          </section>
          {focused !== undefined && <Details alarm={focused} />}
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

interface ListProps {
  readonly alarms: readonly InboxAlarm[];
  readonly current: number;
  readonly marked: ReadonlySet<string>;
  readonly onMark: (alarm: InboxAlarm) => void;
  readonly onCurrent: (place: number) => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

function List({ alarms, current, marked, onMark, onCurrent, onKey }: ListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const row = list.current?.children[current];
    row?.scrollIntoView({ block: 'nearest' });
    if (list.current?.contains(document.activeElement)) row?.querySelector<HTMLElement>('.alarm')?.focus();
  }, [current]);
  /** Focus that comes back, as after a dialog, goes to the current alarm, which may be another one by then. */
  const onFocus = ({ target, relatedTarget }: FocusEvent) => {
    const row = list.current?.children[current];
    const isFromOutside = !(relatedTarget instanceof Node && list.current?.contains(relatedTarget));
    if (isFromOutside && target.matches('.alarm') && row?.contains(target) === false)
      row.querySelector<HTMLElement>('.alarm')?.focus();
  };
  return (
    <ul className="alarms" ref={list} onKeyDown={onKey} onFocus={onFocus}>
      {alarms.map((alarm, place) => {
        const { alarmModelName = '', keyValue, stateName = '', severity, lastUpdateTime } = alarm;
        const name = keyValue === undefined ? alarmModelName : `${alarmModelName} ${keyValue}`;
        return (
          <li key={idOf(alarm)} className={place === current ? 'current' : ''}>
            <input
              type="checkbox"
              aria-label={`Choose ${name}`}
              checked={marked.has(idOf(alarm))}
              onChange={() => onMark(alarm)}
            />
            <button
              type="button"
              className="alarm"
              aria-pressed={place === current}
              tabIndex={place === current ? 0 : -1}
              onClick={() => onCurrent(place)}
            >
              <span className="grow">
                <strong className="wrap">{keyValue ?? alarmModelName}</strong>
                <span className="soft small-text">
                  {alarmModelName}
                  {severity !== undefined && `, severity ${severity}`}
                </span>
              </span>
              <span className="soft small-text">
                <Time at={lastUpdateTime === undefined ? undefined : lastUpdateTime * 1000} />
              </span>
              <Status of={stateName} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Details({ alarm }: { readonly alarm: InboxAlarm }) {
  const { alarmModelName = '', keyValue } = alarm;
  const { data } = useQuery(alarmQuery(alarmModelName, keyValue));
  const rule = data?.alarmState?.ruleEvaluation?.simpleRuleEvaluation;
  const action = data?.alarmState?.customerAction;
  const note = [
    action?.acknowledgeActionConfiguration,
    action?.snoozeActionConfiguration,
    action?.disableActionConfiguration,
    action?.enableActionConfiguration,
    action?.resetActionConfiguration,
  ].find((each) => each !== undefined)?.note;
  return (
    <Panel
      title={keyValue ?? alarmModelName}
      actions={
        <CopyCall
          operation="DescribeAlarm"
          input={{ alarmModelName, ...(keyValue !== undefined && { keyValue }) }}
        />
      }
    >
      <dl className="facts">
        <dt>State</dt>
        <dd>
          <Status of={data?.alarmState?.stateName ?? alarm.stateName ?? ''} />
        </dd>
        <dt>Alarm model</dt>
        <dd>
          <Link to="/alarm-models/$model" params={{ model: alarmModelName }} className="wrap">
            {alarmModelName}
          </Link>
        </dd>
        <dt>Severity</dt>
        <dd>{alarm.severity ?? '–'}</dd>
        <dt>Last value</dt>
        <dd className="mono">
          {rule === undefined
            ? '–'
            : `${rule.inputPropertyValue} ${signOf(rule.operator)} ${rule.thresholdValue}`}
        </dd>
        <dt>Last action</dt>
        <dd>
          {action?.actionName === undefined
            ? '–'
            : action.actionName.charAt(0) + action.actionName.slice(1).toLowerCase()}
          {note !== undefined && `: ${note}`}
        </dd>
        <dt>Created</dt>
        <dd>
          <Time at={alarm.creationTime === undefined ? undefined : alarm.creationTime * 1000} />
        </dd>
        <dt>Last change</dt>
        <dd>
          <Time at={alarm.lastUpdateTime === undefined ? undefined : alarm.lastUpdateTime * 1000} />
        </dd>
      </dl>
    </Panel>
  );
}

interface DeedDialogProps {
  readonly deed: Deed;
  readonly alarms: readonly InboxAlarm[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asks for a note, and for how long to snooze; then does it to all. */
function DeedDialog({ deed, alarms, onClose, onDone }: DeedDialogProps) {
  const queries = useQueryClient();
  const [note, setNote] = useState('');
  const [length, setLength] = useState(String(SNOOZES[0][0]));
  const [typed, setTyped] = useState('2h');
  const duration = length === OTHER ? (parseDuration(typed) ?? 0) / 1000 : Number(length);
  const isLength = Number.isInteger(duration) && duration > 0;
  const [error, setError] = useState<unknown>();
  const [label] = LABELS[deed];
  const names = alarms.map(({ alarmModelName = '', keyValue }) => ({ alarmModelName, keyValue }));
  const run = async () => {
    setError(undefined);
    try {
      const { done, refusals } = await doToAlarms(deed, names, note, duration);
      await queries.invalidateQueries({ queryKey: ['alarms'] });
      await queries.invalidateQueries({ queryKey: ['alarm'] });
      if (refusals.length > 0) throw new Error(refusals.join('; '));
      say(`${label}: ${done === 1 ? '1 alarm' : `${done} alarms`}`);
      onDone();
    } catch (failure) {
      setError(failure);
    }
  };
  const title =
    alarms.length === 1
      ? `${label} ${names[0]?.keyValue ?? names[0]?.alarmModelName}`
      : `${label} ${alarms.length} alarms`;
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {deed === 'snooze' && (
          <div className="field">
            <label htmlFor="snooze">For</label>
            <select
              id="snooze"
              className="select"
              value={length}
              onChange={(event) => setLength(event.target.value)}
            >
              {SNOOZES.map(([seconds, text]) => (
                <option key={seconds} value={seconds}>
                  {text}
                </option>
              ))}
              <option value={OTHER}>Another length</option>
            </select>
          </div>
        )}
        {deed === 'snooze' && length === OTHER && (
          <div className="field">
            <label htmlFor="snooze-length">Length</label>
            <input
              id="snooze-length"
              className="input"
              value={typed}
              aria-invalid={!isLength}
              aria-describedby="snooze-length-hint"
              onChange={(event) => setTyped(event.target.value)}
            />
            <span id="snooze-length-hint" className={isLength ? 'hint' : 'problem'}>
              In whole seconds, such as 90s, 45m, 1h30m or 2d.
            </span>
          </div>
        )}
        <div className="field">
          <label htmlFor="note">Note (optional)</label>
          <input
            id="note"
            className="input"
            maxLength={256}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </div>
        <Problem error={error} />
        <div className="row">
          <button type="submit" className="button primary" disabled={deed === 'snooze' && !isLength}>
            {label}
          </button>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function idOf({ alarmModelName, keyValue }: InboxAlarm): string {
  return `${alarmModelName} ${keyValue ?? ''}`;
}

interface Filter {
  readonly model: string | undefined;
  readonly state: string | undefined;
  readonly q: string;
}

/** Those that fit, most urgent first: by state, by severity, the latest change, then by name. */
function inboxOf(alarms: readonly InboxAlarm[], { model, state, q }: Filter): InboxAlarm[] {
  const text = q.toLowerCase();
  return alarms
    .filter(
      (alarm) =>
        (model === undefined || alarm.alarmModelName === model) &&
        (state === undefined || alarm.stateName === state) &&
        idOf(alarm).toLowerCase().includes(text),
    )
    .sort(
      (a, b) =>
        URGENCY.indexOf(a.stateName ?? '') - URGENCY.indexOf(b.stateName ?? '') ||
        (b.severity ?? 0) - (a.severity ?? 0) ||
        (b.lastUpdateTime ?? 0) - (a.lastUpdateTime ?? 0) ||
        idOf(a).localeCompare(idOf(b)),
    );
}
