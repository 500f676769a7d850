import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { call } from '../api/call.ts';
import { detectorQuery, modelQuery } from '../api/queries.ts';
import { CopyCall } from '../components/copy-call.tsx';
import { Dialog } from '../components/dialog.tsx';
import { newId } from '../components/ids.ts';
import { Problem } from '../components/notice.tsx';
import { say } from '../components/toast.tsx';

export interface SetStateDialogProps {
  readonly model: string;
  readonly keyValue: string | undefined;
  readonly onClose: () => void;
}

interface Pair {
  readonly id: string;
  readonly name: string;
  readonly value: string;
}

/** Puts a detector into a state by hand: nothing is evaluated, and all variables and timers are replaced. */
export function SetStateDialog({ model, keyValue, onClose }: SetStateDialogProps) {
  const id = useId();
  const queries = useQueryClient();
  const { data: modelData } = useQuery(modelQuery(model));
  const { data: detector } = useQuery(detectorQuery(model, keyValue));
  const [stateName, setStateName] = useState(detector?.state?.stateName ?? '');
  const [variables, setVariables] = useState<readonly Pair[]>(
    () => detector?.state?.variables.map(({ name, value }) => ({ id: newId(), name, value })) ?? [],
  );
  const [timers, setTimers] = useState<readonly Pair[]>(
    () =>
      detector?.state?.timers.map(({ name, timestamp }) => {
        const left = Math.max(1, Math.round(timestamp - Date.now() / 1000));
        return { id: newId(), name, value: String(left) };
      }) ?? [],
  );
  const [error, setError] = useState<unknown>();
  const detectors = [
    {
      messageId: newId(),
      detectorModelName: model,
      ...(keyValue !== undefined && { keyValue }),
      state: {
        stateName,
        variables: variables.map(({ name, value }) => ({ name, value })),
        timers: timers.map(({ name, value }) => ({ name, seconds: Number(value) })),
      },
    },
  ];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      const { batchUpdateDetectorErrorEntries: [refused] = [] } = await call('BatchUpdateDetector', {
        detectors,
      });
      if (refused !== undefined) throw new Error(refused.errorMessage);
      await queries.invalidateQueries({ queryKey: detectorQuery(model, keyValue).queryKey });
      say(`Detector ${keyValue ?? model} is in ${stateName}`);
      onClose();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={`Set the state of ${keyValue ?? model}`} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p className="soft">
          Nothing is evaluated and no action runs. Variables and timers that are not listed are removed.
        </p>
        <div className="field">
          <label htmlFor={id}>State</label>
          <select
            id={id}
            className="select"
            value={stateName}
            onChange={(event) => setStateName(event.target.value)}
          >
            {modelData?.detectorModelDefinition?.states.map((state) => (
              <option key={state.stateName}>{state.stateName}</option>
            ))}
          </select>
        </div>
        <Pairs
          title="Variables"
          noun="variable"
          valueLabel="Value (JSON)"
          pairs={variables}
          onChange={setVariables}
        />
        <Pairs
          title="Timers"
          noun="timer"
          valueLabel="Seconds from now"
          pairs={timers}
          onChange={setTimers}
        />
        <Problem error={error} />
        <div className="row">
          <button type="submit" className="button primary">
            Set state
          </button>
          <CopyCall operation="BatchUpdateDetector" input={{ detectors }} />
        </div>
      </form>
    </Dialog>
  );
}

interface PairsProps {
  readonly title: string;
  readonly noun: string;
  readonly valueLabel: string;
  readonly pairs: readonly Pair[];
  readonly onChange: (pairs: readonly Pair[]) => void;
}

function Pairs({ title, noun, valueLabel, pairs, onChange }: PairsProps) {
  const change = (id: string, part: Partial<Pair>) =>
    onChange(pairs.map((pair) => (pair.id === id ? { ...pair, ...part } : pair)));
  return (
    <fieldset className="pairs">
      <legend className="label">{title}</legend>
      {pairs.map(({ id, name, value }) => (
        <div key={id} className="pair">
          <input
            className="input"
            aria-label={`Name of the ${noun}`}
            placeholder="Name"
            required
            value={name}
            onChange={(event) => change(id, { name: event.target.value })}
          />
          <input
            className="input mono"
            aria-label={`${valueLabel} of ${name || `the ${noun}`}`}
            placeholder={valueLabel}
            required
            value={value}
            onChange={(event) => change(id, { value: event.target.value })}
          />
          <button
            type="button"
            className="button quiet icon"
            aria-label={`Remove ${name || `the ${noun}`}`}
            onClick={() => onChange(pairs.filter((pair) => pair.id !== id))}
          >
            <X aria-hidden="true" />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button small"
        onClick={() => onChange([...pairs, { id: newId(), name: '', value: '' }])}
      >
        <Plus aria-hidden="true" />
        Add {noun}
      </button>
    </fieldset>
  );
}
