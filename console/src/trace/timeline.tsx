import { ArrowRight, CircleDot, Hand, Inbox, Send, Timer, TriangleAlert } from 'lucide-react';
import { Fragment } from 'react';
import type { EvaluationEvent } from '../api/events.ts';
import { labelOf } from '../components/badge.tsx';
import { absoluteText, clockText, durationText } from '../components/time.tsx';

export interface TimelineProps {
  /** Newest first. */
  readonly events: readonly EvaluationEvent[];
  readonly selected: number | undefined;
  readonly onSelect: (id: number) => void;
}

/** Milliseconds without an evaluation that are folded into one line. */
const IDLE = 60_000;

/** What has happened to a detector, newest first. */
export function Timeline({ events, selected, onSelect }: TimelineProps) {
  if (events.length === 0) return <p className="body soft">No evaluation is remembered.</p>;
  return (
    <ol className="timeline" aria-label="Evaluations">
      {events.map((event, index) => {
        const later = events[index - 1];
        const idle = later === undefined ? 0 : later.at - event.at;
        return (
          <Fragment key={event.id}>
            {idle >= IDLE && <li className="idle">{durationText(idle)} without a message or timer</li>}
            <li>
              <button
                type="button"
                aria-pressed={event.id === selected}
                onClick={() => onSelect(event.id)}
                title={absoluteText(event.at)}
              >
                <span className="number soft small-text">{clockText(event.at)}</span>
                <Entry event={event} />
              </button>
            </li>
          </Fragment>
        );
      })}
    </ol>
  );
}

export interface EntryProps {
  readonly event: EvaluationEvent;
  /** Whose it is, in a list of several detectors. */
  readonly whose?: string;
}

/** What one evaluation came to. */
export function Entry({ event, whose = '' }: EntryProps) {
  const { kind, from, to, trigger, trace } = event;
  const { transition, actions, variables } = trace;
  // An alarm changes its state without a transition that has a name.
  const arrived = transition?.to ?? (kind === 'alarm' && from !== to ? labelOf(to) : undefined);
  const sent = actions.filter(({ actionExecutionId }) => actionExecutionId !== undefined);
  const problems = actions.filter(({ problem }) => problem !== undefined);
  const Icon = trigger.type === 'Timer' ? Timer : trigger.type === 'Message' ? Inbox : Hand;
  return (
    <>
      <Icon aria-hidden="true" />
      <span className="grow">
        <span className="wrap">
          {trigger.type === 'Timer' && `Timer ${trigger.timerName} expired`}
          {trigger.type === 'Message' && trigger.inputName}
          {trigger.type === 'CustomerAction' && labelOf(trigger.actionName)}
          {whose !== '' && <span className="soft"> for {whose}</span>}
        </span>
        <span className="outcome soft small-text">
          {from === undefined && (
            <span>
              <CircleDot aria-hidden="true" /> created
            </span>
          )}
          {arrived !== undefined && (
            <strong>
              <ArrowRight aria-hidden="true" /> {arrived}
            </strong>
          )}
          {variables.length > 0 && <span>{variables.map(({ name }) => name).join(', ')} changed</span>}
          {sent.length > 0 && (
            <span>
              <Send aria-hidden="true" /> {sent.map(({ type }) => type).join(', ')}
            </span>
          )}
          {problems.length > 0 && (
            <strong>
              <TriangleAlert aria-hidden="true" />{' '}
              {problems.length === 1 ? '1 problem' : `${problems.length} problems`}
            </strong>
          )}
          {from !== undefined && arrived === undefined && variables.length + actions.length === 0 && (
            <span>nothing fired</span>
          )}
        </span>
      </span>
    </>
  );
}
