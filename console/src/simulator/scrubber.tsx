import { ChevronLeft, ChevronRight, RotateCcw, Undo2 } from 'lucide-react';
import { useId } from 'react';
import type { Moment } from '../../../src/simulate/session/moment.ts';
import { showDuration } from '../../../src/simulate/times.ts';
import { labelOf } from '../components/badge.tsx';
import type { EvaluationMoment } from './event-of.ts';
import type { Play } from './use-session.ts';

export interface ScrubberProps {
  readonly play: Play;
  /** Places of the moments to go through, in their order. */
  readonly places: readonly number[];
  /** Whether moments say whose they are, with its model. */
  readonly namesModels: boolean;
}

/** Goes back and forth through what happened. */
export function Scrubber({ play, places, namesModels }: ScrubberProps) {
  const id = useId();
  const { session, index, look, act, restart } = play;
  const { moments, start } = session;
  const at = Math.max(
    0,
    places.findLastIndex((place) => place <= index),
  );
  const moment = moments[places[at] ?? 0];
  const text = moment === undefined ? '' : momentText(moment, namesModels);
  const isLast = index === moments.length - 1;
  const go = (to: number) => {
    const place = places[to];
    if (place !== undefined) look(to === places.length - 1 ? moments.length - 1 : place);
  };
  return (
    <div className="scrubber">
      <div className="track">
        <label htmlFor={id} className="hidden">
          Moment
        </label>
        <button
          type="button"
          className="button icon small"
          aria-label="Moment before"
          disabled={at === 0}
          onClick={() => go(at - 1)}
        >
          <ChevronLeft aria-hidden="true" />
        </button>
        <input
          id={id}
          type="range"
          min={0}
          max={Math.max(1, places.length - 1)}
          value={at}
          disabled={places.length < 2}
          aria-valuetext={`${at + 1} of ${places.length}: ${text}`}
          onChange={({ target }) => go(Number(target.value))}
        />
        <button
          type="button"
          className="button icon small"
          aria-label="Moment after"
          disabled={at === places.length - 1}
          onClick={() => go(at + 1)}
        >
          <ChevronRight aria-hidden="true" />
        </button>
      </div>
      <div className="row">
        <span className="moment small-text number">
          <strong>
            {at + 1} of {places.length}
          </strong>{' '}
          <span className="soft">
            {moment !== undefined &&
              moment.kind !== 'start' &&
              `${showDuration(moment.time - start)} after the start: `}
            {text}
          </span>
        </span>
        <button
          type="button"
          className="button small"
          disabled={isLast}
          title="Forgets what came after this moment"
          onClick={() => act((each) => each.backTo(index))}
        >
          <Undo2 aria-hidden="true" />
          Go on from here
        </button>
        <button type="button" className="button small" disabled={moments.length === 1} onClick={restart}>
          <RotateCcw aria-hidden="true" />
          Restart
        </button>
      </div>
    </div>
  );
}

/** A moment in a few words. */
export function momentText(moment: Moment, namesModels: boolean): string {
  switch (moment.kind) {
    case 'start':
      return 'the start';
    case 'clock':
      return 'the clock went on, and nothing came due';
    case 'rejection':
      return `rejected: ${moment.rejection.message}`;
    case 'evaluation': {
      const { model, trigger, stateBefore, stateAfter } = moment.evaluation;
      const [before, after] = [stateBefore, stateAfter].map((state) =>
        state !== undefined && model.kind === 'alarm' ? labelOf(state) : state,
      );
      const cause =
        trigger.type === 'Timer'
          ? `timer ${trigger.timerName} expired`
          : trigger.type === 'Message'
            ? `a message on ${trigger.inputName}`
            : `an operator’s ${labelOf(trigger.action.actionName)}`;
      const whose = whoseText(moment, namesModels);
      const outcome =
        before === undefined
          ? `created in ${after}`
          : before === after
            ? `still ${after}`
            : `${before} → ${after}`;
      return `${cause}${whose === '' ? '' : ` for ${whose}`}, ${outcome}`;
    }
  }
}

/** The key of what was evaluated, with its model where there are several; empty when there is nothing to tell. */
export function whoseText({ evaluation }: EvaluationMoment, namesModels: boolean): string {
  const { model, keyValue = '' } = evaluation;
  return namesModels ? `${model.compiled.name} ${keyValue}`.trimEnd() : keyValue;
}
