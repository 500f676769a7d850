import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useMemo, useState } from 'react';
import type { Imported } from '../../../src/migrate/import.ts';
import { call } from '../api/call.ts';
import { inputsQuery } from '../api/queries.ts';
import { Status } from '../components/badge.tsx';
import { Problem } from '../components/notice.tsx';
import { Panel } from '../components/page.tsx';
import { say } from '../components/toast.tsx';
import type { Json } from '../document/json.ts';
import { saveDraft } from '../editor/draft.ts';
import { ROLE } from './role.ts';

/** Files that were dropped. */
export interface Dropped {
  readonly id: string;
  /** Reads them, with values for references that they cannot resolve. */
  readonly read: (values: ReadonlyMap<string, string>) => Imported;
  /** Without any such values. */
  readonly first: Imported;
}

/** A value that the files refer to and do not have. */
interface Gap {
  readonly reference: string;
  /** `roleArn of TankLevels`. */
  readonly places: readonly string[];
}

const GAPS: ReadonlySet<string> = new Set(['unresolved', 'missing-role']);
const NO_ROLE = 'roleArn';

function gapsIn({ findings }: Imported): Gap[] {
  const places = new Map<string, string[]>();
  for (const { code, reference = NO_ROLE, path, name } of findings) {
    if (!GAPS.has(code)) continue;
    const known = places.get(reference) ?? [];
    places.set(reference, [...known, `${path} of ${name}`]);
  }
  return [...places].map(([reference, of]) => ({ reference, places: of }));
}

/** What the files hold and what is wrong with it; inputs are created, models become drafts. */
export function ImportReport({ dropped }: { readonly dropped: Dropped }) {
  const [values, setValues] = useState<ReadonlyMap<string, string>>(new Map());
  const imported = useMemo(
    () => (values.size === 0 ? dropped.first : dropped.read(values)),
    [dropped, values],
  );
  const gaps = useMemo(() => gapsIn(dropped.first), [dropped]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: existing = [] } = useQuery(inputsQuery);
  const [error, setError] = useState<unknown>();
  const { detectorModels, inputs, alarmModels, topicRules } = imported;
  // What has no value is asked for instead.
  const findings = imported.findings.filter(({ code }) => !GAPS.has(code));
  const names = new Set(existing.map(({ inputName }) => inputName));
  const missing = inputs.filter(({ name }) => !names.has(name));
  const take = async () => {
    setError(undefined);
    try {
      for (const { request } of missing) await call('CreateInput', request as never);
      for (const { request } of alarmModels) await createAlarmModel(request);
      for (const { name, request } of detectorModels) {
        await saveDraft({
          name,
          definition: (request.detectorModelDefinition ?? null) as Json,
          settings: {
            description: textOf(request.detectorModelDescription),
            key: textOf(request.key),
            roleArn: textOf(request.roleArn) || ROLE,
            evaluationMethod: request.evaluationMethod === 'SERIAL' ? 'SERIAL' : 'BATCH',
          },
          placed: {},
          savedAt: Date.now(),
        });
        queries.removeQueries({ queryKey: ['draft', name] });
      }
      await queries.invalidateQueries();
      say(
        detectorModels.length === 0
          ? 'The files are imported'
          : 'The files are imported: look at each model, and publish it',
      );
      const [first] = detectorModels;
      if (first !== undefined) await navigate({ to: '/drafts/$model', params: { model: first.name } });
    } catch (failure) {
      setError(failure);
    }
  };
  const found = [
    [detectorModels.length, 'detector model'],
    [inputs.length, 'input'],
    [alarmModels.length, 'alarm model'],
    [topicRules.length, 'topic rule'],
  ] as const;
  return (
    <Panel title="Found in the files">
      <div className="stack">
        <p>
          {found
            .filter(([count]) => count > 0)
            .map(([count, noun]) => `${count} ${noun}${count === 1 ? '' : 's'}`)
            .join(', ') || 'Nothing that can be imported.'}
          {topicRules.length > 0 && ' Topic rules are created on their own screen.'}
        </p>
        <ul className="stack tight">
          {[...detectorModels, ...inputs, ...alarmModels].map(({ kind, name, source }) => (
            <li key={`${kind} ${name}`} className="row">
              <strong>{name}</strong>
              <span className="soft small-text">
                {kind === 'input' && names.has(name) ? 'input, exists already' : kindText(kind)}, from{' '}
                {source.file}
              </span>
            </li>
          ))}
        </ul>
        {gaps.length > 0 && <Gaps gaps={gaps} values={values} onChange={setValues} />}
        {findings.length > 0 && (
          <section className="stack tight">
            <h3>Findings</h3>
            <ul className="stack tight">
              {findings.map(({ level, message, file, line, resource }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: findings have no identity but their place
                <li key={index} className="row">
                  <Status of={level} />
                  <span className="grow wrap">
                    {message}
                    <span className="soft small-text">
                      {' '}
                      {[resource, file, line === undefined ? undefined : `line ${line}`]
                        .filter((each) => each !== undefined)
                        .join(', ')}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
        <Problem error={error} />
        <div>
          <button
            type="button"
            className="button primary"
            disabled={detectorModels.length + missing.length + alarmModels.length === 0}
            onClick={() => void take()}
          >
            Import
          </button>
        </div>
      </div>
    </Panel>
  );
}

async function createAlarmModel(request: Readonly<Record<string, unknown>>): Promise<void> {
  await call('CreateAlarmModel', request as never);
}

function kindText(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface GapsProps {
  readonly gaps: readonly Gap[];
  readonly values: ReadonlyMap<string, string>;
  readonly onChange: (values: ReadonlyMap<string, string>) => void;
}

/** Asks for the values that the files do not have. */
function Gaps({ gaps, values, onChange }: GapsProps) {
  const id = useId();
  const set = (reference: string, value: string) => {
    const next = new Map(values);
    if (value === '') next.delete(reference);
    else next.set(reference, value);
    onChange(next);
  };
  return (
    <section className="stack tight">
      <h3>Values that the files do not have</h3>
      <p className="soft">
        What you leave empty stays as <code>unresolved(…)</code> in its place, to be filled in later.
      </p>
      {gaps.map(({ reference, places }, index) => (
        <div key={reference} className="field">
          <label htmlFor={`${id}-${index}`} className="wrap">
            {reference === NO_ROLE ? 'Role ARN' : reference}
          </label>
          <input
            id={`${id}-${index}`}
            className="input mono"
            spellCheck={false}
            value={values.get(reference) ?? ''}
            aria-describedby={`${id}-${index}-hint`}
            onChange={({ target }) => set(reference, target.value)}
          />
          <span id={`${id}-${index}-hint`} className="hint wrap">
            {places.slice(0, MOST_PLACES).join(', ')}
            {places.length > MOST_PLACES && ` and ${places.length - MOST_PLACES} more`}
          </span>
        </div>
      ))}
    </section>
  );
}

const MOST_PLACES = 3;
