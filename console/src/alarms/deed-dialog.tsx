import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { parseDuration } from '../../../src/simulate/times.ts';
import type { InboxAlarm } from '../api/queries.ts';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/notice.tsx';
import { say } from '../components/toast.tsx';
import { type Deed, doToAlarms } from './deeds.ts';
import { LABELS } from './labels.ts';

const SNOOZES = [
  [900, '15 minutes'],
  [3600, '1 hour'],
  [28_800, '8 hours'],
  [86_400, '1 day'],
] as const;
/** The choice of a length that is none of these. */
const OTHER = 'other';

interface DeedDialogProps {
  readonly deed: Deed;
  readonly alarms: readonly InboxAlarm[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asks for a note, and for how long to snooze; then does it to all. */
export function DeedDialog({ deed, alarms, onClose, onDone }: DeedDialogProps) {
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
