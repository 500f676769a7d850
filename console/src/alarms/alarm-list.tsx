import { type FocusEvent, type KeyboardEvent, useEffect, useRef } from 'react';
import type { InboxAlarm } from '../api/queries.ts';
import { Status } from '../components/badge.tsx';
import { Time } from '../components/time.tsx';
import { idOf } from './inbox.ts';

interface AlarmListProps {
  readonly alarms: readonly InboxAlarm[];
  readonly current: number;
  readonly marked: ReadonlySet<string>;
  readonly onMark: (alarm: InboxAlarm) => void;
  readonly onCurrent: (place: number) => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

/** The alarms of the inbox, with one that the keyboard is at and any number that are chosen. */
export function AlarmList({ alarms, current, marked, onMark, onCurrent, onKey }: AlarmListProps) {
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
