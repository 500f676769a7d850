import { Clock3, OctagonX, Play as PlayIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Moment } from '../../../src/simulate/session/moment.ts';
import { showDuration } from '../../../src/simulate/times.ts';
import { absoluteText } from '../components/time.tsx';
import { Entry } from '../trace/timeline.tsx';
import { eventOf } from './event-of.ts';
import { momentText, whoseText } from './scrubber.tsx';

export interface MomentsProps {
  readonly moments: readonly Moment[];
  readonly places: readonly number[];
  readonly start: number;
  readonly selected: number;
  readonly namesModels: boolean;
  readonly onSelect: (index: number) => void;
}

/** Moments that are drawn around the one that is looked at. */
const AROUND = 100;

/** What happened in the session, in its order. */
export function Moments({ moments, places, start, selected, namesModels, onSelect }: MomentsProps) {
  const list = useRef<HTMLOListElement>(null);
  const at = places.findLastIndex((place) => place <= selected);
  const from = Math.max(0, at - AROUND);
  const shown = places.slice(from, at + AROUND + 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is looked at comes into view when it changes
  useEffect(() => {
    const frame = list.current;
    const row = frame?.querySelector<HTMLElement>('[aria-pressed="true"]');
    if (frame === null || row === null || row === undefined) return;
    const above = row.offsetTop - frame.offsetTop;
    if (above < frame.scrollTop) frame.scrollTop = above;
    else if (above + row.offsetHeight > frame.scrollTop + frame.clientHeight)
      frame.scrollTop = above + row.offsetHeight - frame.clientHeight;
  }, [selected, places.length]);
  return (
    <ol ref={list} className="timeline" aria-label="Moments">
      {from > 0 && <li className="idle">{from.toLocaleString('en')} earlier moments</li>}
      {shown.map((place) => {
        const moment = moments[place];
        if (moment === undefined) return null;
        return (
          <li key={place}>
            <button
              type="button"
              aria-pressed={place === places[at]}
              title={absoluteText(moment.time)}
              onClick={() => onSelect(place === places.at(-1) ? moments.length - 1 : place)}
            >
              <span className="number soft small-text">+{showDuration(moment.time - start)}</span>
              <Line moment={moment} place={place} namesModels={namesModels} />
            </button>
          </li>
        );
      })}
      {from + shown.length < places.length && (
        <li className="idle">{(places.length - from - shown.length).toLocaleString('en')} later moments</li>
      )}
    </ol>
  );
}

const ICONS = { start: PlayIcon, clock: Clock3, rejection: OctagonX };

interface LineProps {
  readonly moment: Moment;
  readonly place: number;
  readonly namesModels: boolean;
}

function Line({ moment, place, namesModels }: LineProps) {
  if (moment.kind === 'evaluation') {
    const event = eventOf(moment, place);
    return event === undefined ? null : <Entry event={event} whose={whoseText(moment, namesModels)} />;
  }
  const Icon = ICONS[moment.kind];
  const text = momentText(moment, namesModels);
  return (
    <>
      <Icon aria-hidden="true" />
      <span className="grow wrap">{text.charAt(0).toUpperCase() + text.slice(1)}</span>
    </>
  );
}
