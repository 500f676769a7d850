import { Pause, Play as PlayIcon, SkipForward, StepForward } from 'lucide-react';
import { useId, useState } from 'react';
import { parseDuration, showDuration } from '../../../src/simulate/times.ts';
import { absoluteText } from '../components/time.tsx';
import type { Play } from './use-session.ts';

const SPEEDS = [1, 10, 60, 600, 3600];
const SECOND = 1000;

/** The virtual clock: it stands until somebody moves it, or lets it run. */
export function Clock({ play }: { readonly play: Play }) {
  const id = useId();
  const { session, speed, act, run } = play;
  const [duration, setDuration] = useState('1m');
  const [chosen, setChosen] = useState(10);
  const milliseconds = parseDuration(duration);
  const next = session.nextDeadline;
  const isWrong = milliseconds === undefined || milliseconds === 0;
  return (
    <section className="panel clock" aria-label="Clock">
      <div className="now">
        <strong className="number">{absoluteText(session.time)}</strong>
        <span className="soft small-text number">
          {showDuration(session.time - session.start)} since the start
        </span>
      </div>
      <div className="row">
        <button
          type="button"
          className="button small"
          disabled={session.isFull}
          onClick={() => act((each) => each.advanceTo(each.time + SECOND))}
        >
          <StepForward aria-hidden="true" />
          Step 1 s
        </button>
        <button
          type="button"
          className="button small"
          disabled={next === undefined || session.isFull}
          onClick={() => act((each) => void each.fireNext())}
        >
          <SkipForward aria-hidden="true" />
          {next === undefined ? 'No timer runs' : `Next timer, in ${showDuration(next - session.time)}`}
        </button>
      </div>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isWrong) act((each) => each.advanceTo(each.time + milliseconds));
        }}
      >
        <label htmlFor={id} className="soft small-text">
          Advance by
        </label>
        <input
          id={id}
          className="input short"
          value={duration}
          aria-invalid={isWrong}
          title="Seconds, or 500ms, 90s, 5m, 1h30m, 2d"
          onChange={({ target }) => setDuration(target.value)}
        />
        <button type="submit" className="button small" disabled={isWrong || session.isFull}>
          Advance
        </button>
      </form>
      <div className="row">
        <button
          type="button"
          className="button small"
          disabled={session.isFull}
          onClick={() => run(speed === 0 ? chosen : 0)}
        >
          {speed === 0 ? <PlayIcon aria-hidden="true" /> : <Pause aria-hidden="true" />}
          {speed === 0 ? 'Run' : 'Pause'}
        </button>
        <select
          className="select"
          aria-label="Speed of the clock"
          value={chosen}
          onChange={({ target }) => {
            const value = Number(target.value);
            setChosen(value);
            if (speed !== 0) run(value);
          }}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each.toLocaleString('en')} ×
            </option>
          ))}
        </select>
      </div>
    </section>
  );
}
