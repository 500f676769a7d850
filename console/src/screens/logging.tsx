import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { call } from '../api/call.ts';
import type { Input } from '../api/operations.ts';
import { loggingQuery, modelsQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { CopyCall } from '../components/copy-call.tsx';
import { newId } from '../components/ids.ts';
import { Failed, Loading, Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { say } from '../components/toast.tsx';

type Options = NonNullable<Input<'PutLoggingOptions'>['loggingOptions']>;
type Level = Options['level'];

const LEVELS: readonly (readonly [level: Level, text: string])[] = [
  ['ERROR', 'What failed: expressions, timers and actions'],
  ['INFO', 'Also warnings, new detectors and changes of state'],
  ['DEBUG', 'Also each evaluation, with every condition, of the detectors below'],
];
const NOTHING: Options = {
  roleArn: 'arn:aws:iam::000000000000:role/Tripline',
  level: 'ERROR',
  enabled: false,
};

/** What the evaluation log has in it. */
export function Logging() {
  const { data, error, isPending, refetch } = useQuery(loggingQuery);
  return (
    <>
      <PageHead title="Logging" />
      {isPending && <Loading what="Loading the logging options" />}
      {error !== null && data === undefined && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && <LoggingForm key={JSON.stringify(data)} start={data ?? NOTHING} />}
    </>
  );
}

interface Debugged {
  readonly id: string;
  readonly model: string;
  readonly key: string;
}

function LoggingForm({ start }: { readonly start: Options }) {
  const id = useId();
  const queries = useQueryClient();
  const maySave = useMay('iotevents:PutLoggingOptions');
  const { data: models = [] } = useQuery(modelsQuery);
  const [enabled, setEnabled] = useState(start.enabled);
  const [level, setLevel] = useState<Level>(start.level);
  const [debugged, setDebugged] = useState<readonly Debugged[]>(() =>
    (start.detectorDebugOptions ?? []).map(({ detectorModelName, keyValue = '' }) => ({
      id: newId(),
      model: detectorModelName,
      key: keyValue,
    })),
  );
  const [error, setError] = useState<unknown>();
  const names = models.map(({ detectorModelName = '' }) => detectorModelName);
  const change = (which: string, part: Partial<Debugged>) =>
    setDebugged((before) => before.map((each) => (each.id === which ? { ...each, ...part } : each)));
  const loggingOptions: Options = {
    roleArn: start.roleArn,
    level,
    enabled,
    ...(debugged.length > 0 && {
      detectorDebugOptions: debugged.map(({ model, key }) => ({
        detectorModelName: model,
        ...(key !== '' && { keyValue: key }),
      })),
    }),
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      await call('PutLoggingOptions', { loggingOptions });
      say('The logging options are saved; they take effect with the next evaluation');
      await queries.invalidateQueries({ queryKey: loggingQuery.queryKey });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <Panel title="Evaluation log">
        <div className="stack">
          <p className="soft">
            Entries go to the file of <code>tripline serve --evaluation-log</code>, to standard output, or to
            CloudWatch Logs; without one of these nothing is written.
          </p>
          <label className="check">
            <input type="checkbox" checked={enabled} onChange={({ target }) => setEnabled(target.checked)} />
            Log evaluations
          </label>
          <fieldset className="pairs">
            <legend className="label">Level</legend>
            {LEVELS.map(([each, text]) => (
              <label key={each} className="check">
                <input
                  type="radio"
                  name={`${id}-level`}
                  checked={level === each}
                  onChange={() => setLevel(each)}
                />
                <span>
                  <strong>{each}</strong> <span className="soft">{text}</span>
                </span>
              </label>
            ))}
          </fieldset>
        </div>
      </Panel>
      <Panel title="Detectors to debug">
        <fieldset className="pairs" aria-label="Detectors to debug">
          {debugged.length === 0 && <p className="soft">None. Without any, DEBUG logs what INFO does.</p>}
          {debugged.map(({ id: which, model, key }) => (
            <div key={which} className="pair">
              <select
                className="select"
                aria-label="Detector model"
                required
                value={model}
                onChange={({ target }) => change(which, { model: target.value })}
              >
                {!names.includes(model) && <option>{model}</option>}
                {names.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
              <input
                className="input mono"
                aria-label={`Key value of ${model}`}
                placeholder="All of its detectors"
                value={key}
                onChange={({ target }) => change(which, { key: target.value })}
              />
              <button
                type="button"
                className="button quiet icon"
                aria-label={`Remove ${model} ${key}`}
                onClick={() => setDebugged((before) => before.filter((each) => each.id !== which))}
              >
                <X aria-hidden="true" />
              </button>
            </div>
          ))}
          <button
            type="button"
            className="button small"
            disabled={names.length === 0}
            onClick={() =>
              setDebugged((before) => [...before, { id: newId(), model: names[0] ?? '', key: '' }])
            }
          >
            <Plus aria-hidden="true" />
            Add detectors
          </button>
        </fieldset>
      </Panel>
      <Problem error={error} />
      <div className="row">
        {maySave && (
          <button type="submit" className="button primary">
            Save
          </button>
        )}
        <CopyCall operation="PutLoggingOptions" input={{ loggingOptions }} />
      </div>
    </form>
  );
}
